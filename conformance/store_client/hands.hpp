#pragma once
// The system calls of one writer. Paths are looked up from the root each time: mounts come and go.

#include <filesystem>
#include <optional>
#include <string>

#include "conformance/lab/system.hpp"
#include "conformance/store_client/history.hpp"

namespace store_client {

class Hands {
public:
    Hands(std::filesystem::path mount, WriterId writer) : mount_(std::move(mount)), writer_(writer) {}

    int perform(const Operation& operation);  // 0 or errno
    // Tells one life of the store's daemon from the next; nothing if there is none.
    std::optional<std::string> life() const;

    // Other files than those of slots; 0 or errno.
    int make_directories(const std::string& path) const;
    int replace(const std::string& path, const std::string& text, bool in_place) const;
    std::optional<std::string> read(const std::string& path) const;

private:
    std::string whole(const std::string& path) const { return (mount_ / path).string(); }
    int empty(const std::string& path);
    int write(const std::string& path, const Operation& operation);

    const std::filesystem::path mount_;
    const WriterId writer_;
    // What was made last is kept open for the write that comes next, as tools do.
    lab::FileDescriptor open_;
    std::string open_path_;
};

}  // namespace store_client
