#pragma once
// What is open, under the numbers that the kernel holds for us. What it never gives back, because the mount went first,
// goes with the table.
//
// Thread-safe.

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace cfs::mount {

template <typename T>
class HandleTable {
public:
    std::uint64_t add(T object) {
        const std::lock_guard lock(mutex_);
        objects_.emplace(++last_, std::make_shared<const T>(std::move(object)));
        return last_;
    }
    // Nothing happens if there is no such number.
    void replace(std::uint64_t number, T object) {
        const std::lock_guard lock(mutex_);
        const auto found = objects_.find(number);
        if (found != objects_.end()) found->second = std::make_shared<const T>(std::move(object));
    }
    // Stays while somebody has it, also when it is taken out meanwhile. Null for a number that is none.
    std::shared_ptr<const T> find(std::uint64_t number) const {
        const std::lock_guard lock(mutex_);
        const auto found = objects_.find(number);
        return found == objects_.end() ? nullptr : found->second;
    }
    std::shared_ptr<const T> take(std::uint64_t number) {
        const std::lock_guard lock(mutex_);
        const auto node = objects_.extract(number);
        return node.empty() ? nullptr : node.mapped();
    }

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::shared_ptr<const T>> objects_;
    std::uint64_t last_ = 0;
};

}  // namespace cfs::mount
