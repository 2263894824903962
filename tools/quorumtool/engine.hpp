#pragma once
// What quorumtool asks the engine. Spec votequorum.md section 10, client-ipc.md sections 10 and 11.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/common/connection.hpp"

namespace tools::quorumtool {

enum class Order { address, nodeid, name };

struct Settings {
    Order order = Order::address;
    bool hexadecimal = false, addresses = false, all_addresses = false, parsable = false;
    bool node_names = false;  // a node's name, where it has one, also in the 2.x dialect
};

struct Row {
    std::uint32_t nodeid = 0;
    std::string name;
    bool local = false;
    std::optional<votequorum_info> info;  // with votequorum, unless it could not be read
};

// One picture of the cluster's quorum.
struct Picture {
    std::string provider;  // "" if there is none
    bool votequorum = false, dialect_2x = false;
    bool quorate = false;
    std::uint32_t own = 0;
    std::uint64_t ring_seq = 0;
    std::uint32_t ring_node = 0;  // with votequorum
    votequorum_info info{};       // of the own node, with votequorum
    std::vector<Row> rows;
};

// The connections. Every failure is said on standard error, and false or nothing returned.
class Engine {
public:
    bool open();  // false: one of them is missing
    bool uses_votequorum() const { return votequorum_ != nullptr; }
    bool has_provider() const { return type_ != QUORUM_FREE; }
    std::uint32_t own() const { return own_; }

    std::optional<Picture> picture(const Settings& settings);
    bool set_expected(std::uint32_t votes);
    bool set_votes(std::uint32_t nodeid, std::uint32_t votes);
    bool unregister_device();

    // Calls `show` for the state and for each change of it, until SIGINT or SIGTERM comes (true) or the engine goes
    // away (false).
    bool monitor(const std::function<bool()>& show);

private:
    bool read_view();
    bool read_ring();
    std::string name_of(std::uint32_t nodeid, const Settings& settings);
    std::string configured_name(std::uint32_t nodeid, bool node_names);

    std::unique_ptr<Cmap> cmap_;
    std::unique_ptr<Quorum> quorum_;
    std::unique_ptr<Cfg> cfg_;
    std::unique_ptr<Votequorum> votequorum_;
    std::uint32_t type_ = QUORUM_FREE;
    std::uint32_t own_ = 0;
    std::string provider_;
    bool dialect_2x_ = false;
};

}  // namespace tools::quorumtool
