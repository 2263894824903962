#pragma once
// The ring sequence number on disk: eight bytes in host byte order, so that ring ids stay unique over
// restarts. Spec totem-srp.md section 17.

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "totem/wire/types.hpp"

namespace engine {

class RingIdFile {
public:
    RingIdFile(std::string path, mode_t mode) : path_(std::move(path)), mode_(mode) {}
    // ringid_<address> mode 0700 for v2, ringid_<node id> mode 0600 for v3.
    static RingIdFile of(const std::string& state_dir, totem::Dialect dialect, const totem::Identity& self);

    // The stored value; a missing or short file is made anew with 0. Throws std::system_error.
    std::uint64_t load();
    // Replaces the contents as a whole and returns when they are on disk. Throws std::system_error.
    void store(std::uint64_t seq);

    const std::string& path() const { return path_; }

private:
    std::string path_;
    mode_t mode_;
};

}  // namespace engine
