#pragma once
// What nodes tell each other about themselves (pmxcfs.md section 13): keys with values per node, their addresses, and
// the newest measurements. In memory only.

#include <map>

#include "cfs/replica/messages/types.hpp"
#include "cfs/tree/limits.hpp"

namespace cfs::replica {

class NodeKeys {
public:
    struct Value {
        Buffer bytes;
        std::uint32_t version = 0;  // one more with each update
    };
    using Values = std::map<std::string, Value, std::less<>>;

    explicit NodeKeys(Era era) : removes_on_empty_(era == Era::p9) {}

    void set(std::uint32_t node, const std::string& key, Bytes value);
    const Values& of(std::uint32_t node) const;
    const Value* find(std::uint32_t node, std::string_view key) const;
    // Of nodes that are no part of the cluster any more.
    template <typename Keep>
    void keep_only(Keep keep) {
        std::erase_if(nodes_, [&](const auto& node) { return !keep(node.first); });
    }

private:
    const bool removes_on_empty_;
    std::map<std::uint32_t, Values> nodes_;
};

// The keys below rrd/, which all nodes share.
class Measurements {
public:
    static constexpr totem::Duration kLifetime = std::chrono::seconds(300);
    static constexpr std::size_t kLongest = 4096;

    // False: not a text of 1 to 4095 bytes with its NUL.
    bool set(totem::Instant now, const std::string& key, Bytes value);
    // KEY:DATA lines; drops what is older than the lifetime.
    std::string text(totem::Instant now);

private:
    struct Value {
        std::string text;
        totem::Instant arrived;
    };
    std::map<std::string, Value, std::less<>> values_;
};

// The text before the NUL that ends `value`; nothing if there is none, or another one in front.
std::optional<std::string> terminated_text(Bytes value);

}  // namespace cfs::replica
