#include "cfs/store/batch.hpp"

namespace cfs::store {

void Batch::add(const Change& change) {
    for (const Inode inode : change.remove) {
        put_.erase(inode);
        remove_.insert(inode);
    }
    for (const Row& row : change.put) {
        const auto earlier = put_.find(row.entry.inode);
        const bool content_changed = row.content_changed || (earlier != put_.end() && earlier->second.content_changed);
        put_.insert_or_assign(row.entry.inode, Row{row.entry, content_changed});
        remove_.erase(row.entry.inode);  // an inode that comes back comes with its content
    }
    if (!change.root_changed) return;
    root_changed_ = true;
    version_ = change.version;
    writer_ = change.writer;
    mtime_ = change.mtime;
    from_sync_ = change.from_sync;
}

}  // namespace cfs::store
