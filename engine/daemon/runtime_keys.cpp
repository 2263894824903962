#include "engine/daemon/runtime_keys.hpp"

#include <fmt/format.h>

#include "engine/daemon/say.hpp"

namespace engine {
namespace {

// Keys name services that clients can't reach, too.
std::string_view key_name(const Service& service) {
    return service.id() == kPloadService ? "pload" : service.ipc_name();
}

}  // namespace

RuntimeKeys::RuntimeKeys(LogSink& log, std::shared_ptr<cmap::Map> map, totem::Dialect dialect, AddressOf address_of)
    : log_(log), map_(std::move(map)), dialect_(dialect), address_of_(std::move(address_of)) {}

void RuntimeKeys::service_loaded(const Service& service) {
    const std::string_view name = key_name(service);
    const std::string about = fmt::format("internal_configuration.service.{}.", service.id());
    map_->set(about + "name", fmt::format("corosync_{}", name));
    map_->set(about + "ver", std::uint32_t{0});
    const std::string own = fmt::format("runtime.services.{}.", name);
    map_->set(own + "service_id", static_cast<std::uint16_t>(service.id()));
    auto& counters = counters_[service.id()];
    for (std::uint32_t function = 0; function < service.function_count(); ++function) {
        const std::string key = fmt::format("{}{}.", own, function);
        counters.push_back({map_->counter(key + "tx"), map_->counter(key + "rx")});
    }
}

void RuntimeKeys::count(std::uint32_t service, std::uint32_t function, std::size_t direction) {
    const auto found = counters_.find(service);
    if (found == counters_.end() || function >= found->second.size()) return;
    map_->increment(found->second[function][direction]);
}

std::string RuntimeKeys::member_key(NodeId node, std::string_view what) const {
    const std::string_view prefix =
        dialect_ == totem::Dialect::v2 ? "runtime.totem.pg.mrp.srp.members" : "runtime.members";
    return fmt::format("{}.{}.{}", prefix, node, what);
}

bool RuntimeKeys::joined(NodeId node) const {
    return map_->get_string(member_key(node, "status")) == "joined";
}

// "r(0) ip(10.77.1.1) r(1) ip(...) "
std::string RuntimeKeys::interfaces_of(const totem::Identity& member) const {
    std::string text;
    const auto addresses = address_of_(member);
    for (std::size_t ring = 0; ring < addresses.size(); ++ring)
        text += fmt::format("r({}) ip({}) ", ring, addresses[ring]);
    return text;
}

void RuntimeKeys::member_left(const totem::Identity& member) {
    map_->set(member_key(member.nodeid, "status"), "left");
    say(log_, LogLevel::debug, kMain, "Member left: {}", interfaces_of(member));
}

void RuntimeKeys::member_joined(const totem::Identity& member) {
    const std::string address = member_key(member.nodeid, "ip");
    const std::string count = member_key(member.nodeid, "join_count");
    const std::string interfaces = interfaces_of(member);
    if (map_->contains(address)) {
        map_->adjust(count, 1);
    } else {
        map_->set(address, interfaces);
        map_->set(count, std::uint32_t{1});
    }
    map_->set(member_key(member.nodeid, "status"), "joined");
    say(log_, LogLevel::debug, kMain, "Member joined: {}", interfaces);
}

void RuntimeKeys::configuration(const totem::srp::Configuration& change) {
    for (const totem::Identity& member : change.left)
        member_left(member);
    for (const totem::Identity& member : change.joined)
        member_joined(member);
}

void RuntimeKeys::member_config_version(NodeId node, std::uint64_t version) {
    map_->set(member_key(node, "config_version"), version);
}

}  // namespace engine
