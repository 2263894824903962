#pragma once
// The journal of changes on disk: one record a line, appended without fsync, in two files of bounded size. A write that
// fails is told once and the engine goes on; what could not be written stays in memory, in bounded number, and goes out
// with the next record. One thread.

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "engine/why/record.hpp"

namespace engine::why {

class Journal {
public:
    static constexpr std::uint64_t kLimit = 1U << 20U;  // bytes of one file
    static constexpr std::size_t kKept = 32;            // records in memory

    // `trouble` hears of the first failure in a row, in words. Reads the last sequence number of what is there.
    Journal(std::string path, std::function<void(const std::string&)> trouble, std::uint64_t limit = kLimit);

    // Gives the record its sequence number, keeps it and writes it.
    const Record& add(Record record);
    const std::deque<Record>& recent() const { return recent_; }  // the oldest first
    const std::string& path() const { return path_; }

private:
    bool append(const std::string& line);
    bool failed(const char* what);

    std::string path_;
    std::function<void(const std::string&)> trouble_;
    std::uint64_t limit_;
    std::uint64_t sequence_ = 0;
    std::size_t unwritten_ = 0;  // of the last ones in recent_
    bool failing_ = false;
    std::deque<Record> recent_;
};

}  // namespace engine::why
