#pragma once
// The second map of 3.x clients: numbers computed when they are asked for. Spec client-ipc.md section 9.7,
// corosync-conf.md section 13. Single-threaded.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cmap/value.hpp"

namespace engine::cmap {

class Statistics {
public:
    struct Entry {
        std::string key;
        Type type;
        std::size_t length;  // 0 for strings
    };
    virtual ~Statistics() = default;
    // nullopt: there is no such key, or not any more.
    virtual std::optional<Value> get(std::string_view key) const = 0;
    // In byte order.
    virtual std::vector<Entry> list(std::string_view prefix) const = 0;
    // Resets what a key below "stats.clear." stands for; false if it stands for nothing.
    virtual bool clear(std::string_view key) = 0;
};

}  // namespace engine::cmap
