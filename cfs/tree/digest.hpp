#pragma once
// SHA-256 over entries (pmxcfs-wire.md section 3).

#include <array>
#include <cstdint>
#include <memory>

#include "cfs/tree/entry.hpp"

namespace cfs {

using Digest = std::array<std::uint8_t, 32>;

// One running hash. finish() gives it and starts anew. Throws std::runtime_error when OpenSSL has no SHA-256.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void add(Bytes bytes);
    void add_entry(const Entry& entry);             // 3.1: without the inode
    void add_entry_with_inode(const Entry& entry);  // 3.2, 3.3
    Digest finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

Digest index_digest(const Entry& entry);    // 3.1
Digest entry_checksum(const Entry& entry);  // 3.2: names a lock

}  // namespace cfs
