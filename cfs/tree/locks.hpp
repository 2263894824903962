#pragma once
// How long each cluster lock has been seen by this node (pmxcfs.md section 7).

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "cfs/tree/digest.hpp"
#include "cfs/tree/report.hpp"

namespace cfs {

class LockTable {
public:
    static constexpr std::uint64_t kTimeout = 120;  // seconds

    struct Record {
        std::uint64_t seen = 0;  // local time
        Digest checksum{};
    };

    void set(std::string_view path, const Digest& checksum, std::uint64_t now);
    void remove(std::string_view path);
    const std::map<std::string, Record, std::less<>>& all() const { return records_; }

    // Was the lock with this checksum first seen more than the timeout ago? A lock not known so, or not with this
    // checksum, is as old as this question.
    bool expired(std::string_view path, const Digest& checksum, std::uint64_t now, Events& events);

    // The record an earlier table had of the same lock, else a new one.
    void take_over(const LockTable& earlier, std::string_view path, const Digest& checksum, std::uint64_t now);

private:
    std::map<std::string, Record, std::less<>> records_;
};

}  // namespace cfs
