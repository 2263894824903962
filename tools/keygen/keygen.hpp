#pragma once
// Writing a key file. Spec corosync-conf.md section 15.1, totem-crypto.md (key files).

#include <cstddef>
#include <string>

namespace tools::keygen {

inline constexpr std::size_t least_size = 128, most_size = 4096;

struct Request {
    std::string file = "/etc/corosync/authkey";
    std::string source = "/dev/urandom";
    std::size_t size = 256;  // bytes; 128 is the one size both dialects take
    bool json = false;
    // Never overwrite: two keys of a ring are in use at once while it changes from one to the next.
    bool fresh = false;
};

// Reads the random source and writes the key, mode 0400. Says what it does on standard output and what goes wrong on
// standard error, after `name`. Returns the exit code. An existing file is overwritten unless `fresh`, as by
// corosync-keygen, but only once the whole key has been read.
int generate(const char* name, const Request& request);

}  // namespace tools::keygen
