#include "cfs/tree/locks.hpp"

namespace cfs {

void LockTable::set(std::string_view path, const Digest& checksum, std::uint64_t now) {
    records_.insert_or_assign(std::string(path), Record{now, checksum});
}

void LockTable::remove(std::string_view path) {
    if (const auto found = records_.find(path); found != records_.end()) records_.erase(found);
}

bool LockTable::expired(std::string_view path, const Digest& checksum, std::uint64_t now, Events& events) {
    const auto found = records_.find(path);
    if (found == records_.end()) {
        set(path, checksum, now);
        return false;
    }
    if (found->second.checksum != checksum) {
        events.push_back({Severity::critical, "wrong lock csum - reset timeout"});
        found->second = Record{now, checksum};
        return false;
    }
    return now > found->second.seen && now - found->second.seen > kTimeout;
}

void LockTable::take_over(const LockTable& earlier, std::string_view path, const Digest& checksum, std::uint64_t now) {
    const auto found = earlier.records_.find(path);
    const bool same = found != earlier.records_.end() && found->second.checksum == checksum;
    set(path, checksum, same ? found->second.seen : now);
}

}  // namespace cfs
