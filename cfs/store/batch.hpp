#pragma once
// Several changes as one: of each row the last state only.

#include <map>
#include <set>

#include "cfs/tree/operation.hpp"

namespace cfs::store {

class Batch {
public:
    void add(const Change& change);

    bool empty() const { return remove_.empty() && put_.empty() && !root_changed_; }
    const std::set<Inode>& remove() const { return remove_; }
    const std::map<Inode, Row>& put() const { return put_; }
    bool root_changed() const { return root_changed_; }
    std::uint64_t version() const { return version_; }
    std::uint32_t writer() const { return writer_; }
    std::uint32_t mtime() const { return mtime_; }
    bool from_sync() const { return from_sync_; }

private:
    std::set<Inode> remove_;
    std::map<Inode, Row> put_;
    bool root_changed_ = false;
    std::uint64_t version_ = 0;
    std::uint32_t writer_ = 0;
    std::uint32_t mtime_ = 0;
    bool from_sync_ = false;
};

}  // namespace cfs::store
