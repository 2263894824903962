#include "cfs/mount/known_files.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cfs::mount {

void KnownFiles::looked_up(const Entry& file, std::string path) {
    const std::lock_guard lock(mutex_);
    File& known = files_[file.inode];
    ++known.lookups;
    known.entry = file;
    known.path = std::move(path);
}

void KnownFiles::forget(Inode inode, std::uint64_t lookups) {
    const std::lock_guard lock(mutex_);
    const auto known = files_.find(inode);
    if (known == files_.end()) return;
    known->second.lookups -= std::min(known->second.lookups, lookups);
    if (known->second.lookups == 0) files_.erase(known);
}

void KnownFiles::keep(const Entry& file) {
    const std::lock_guard lock(mutex_);
    const auto known = files_.find(file.inode);
    if (known != files_.end()) known->second.entry = file;
}

std::optional<Entry> KnownFiles::left_over(Inode inode) const {
    const std::lock_guard lock(mutex_);
    const auto known = files_.find(inode);
    if (known == files_.end()) return std::nullopt;
    return known->second.entry;
}

std::string KnownFiles::last_path(Inode inode) const {
    const std::lock_guard lock(mutex_);
    const auto known = files_.find(inode);
    return known == files_.end() ? std::string() : known->second.path;
}

std::int64_t KnownFiles::write(Inode inode, const Operation& operation, const Limits& limits) {
    const std::lock_guard lock(mutex_);
    const auto known = files_.find(inode);
    if (known == files_.end()) return -ESTALE;
    Entry& file = known->second.entry;
    const std::size_t count = operation.data.size();
    if (operation.offset > limits.file_size || count > limits.file_size - operation.offset) return -EFBIG;
    const std::size_t end = operation.offset + count;
    const std::size_t size = operation.truncate ? end : std::max<std::size_t>(file.size, end);
    std::vector<std::uint8_t> bytes = read(file, 0, file.size);
    bytes.resize(size);
    std::copy(operation.data.begin(), operation.data.end(),
              bytes.begin() + static_cast<std::ptrdiff_t>(operation.offset));
    file.content = make_content(bytes);
    file.size = static_cast<std::uint32_t>(size);
    return static_cast<std::int64_t>(count);
}

std::int64_t KnownFiles::set_mtime(Inode inode, std::uint32_t mtime) {
    const std::lock_guard lock(mutex_);
    const auto known = files_.find(inode);
    if (known == files_.end()) return -ESTALE;
    known->second.entry.mtime = mtime;
    return 0;
}

}  // namespace cfs::mount
