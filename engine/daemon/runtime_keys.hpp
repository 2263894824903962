#pragma once
// The keys that tell clients what the daemon is and sees: services, their message counters, members.
// Spec corosync-conf.md section 12, totempg-sync-services.md sections 7 and 8.2.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/daemon/log_sink.hpp"
#include "engine/exec/service.hpp"
#include "totem/srp/interfaces.hpp"

namespace engine {

class RuntimeKeys {
public:
    // `address_of`: a member's addresses as text, one a ring; empty where it is not known.
    using AddressOf = std::function<std::vector<std::string>(const totem::Identity&)>;
    RuntimeKeys(LogSink& log, std::shared_ptr<cmap::Map> map, totem::Dialect dialect, AddressOf address_of);

    void service_loaded(const Service& service);
    // One message of a loaded service was sent or received.
    void sent(std::uint32_t service, std::uint32_t function) { count(service, function, 0); }
    void received(std::uint32_t service, std::uint32_t function) { count(service, function, 1); }

    void configuration(const totem::srp::Configuration& change);
    void member_config_version(NodeId node, std::uint64_t version);
    bool joined(NodeId node) const;

private:
    void count(std::uint32_t service, std::uint32_t function, std::size_t direction);
    std::string member_key(NodeId node, std::string_view what) const;
    void member_left(const totem::Identity& member);
    void member_joined(const totem::Identity& member);
    std::string interfaces_of(const totem::Identity& member) const;

    LogSink& log_;
    std::shared_ptr<cmap::Map> map_;
    const totem::Dialect dialect_;
    AddressOf address_of_;
    // By service and function: tx, rx.
    std::map<std::uint32_t, std::vector<std::array<cmap::Map::Counter, 2>>> counters_;
};

}  // namespace engine
