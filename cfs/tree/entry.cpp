#include "cfs/tree/entry.hpp"

#include <algorithm>

namespace cfs {

Content make_content(Bytes bytes) {
    if (bytes.empty()) return nullptr;
    return std::make_shared<const std::vector<std::uint8_t>>(bytes.begin(), bytes.end());
}

bool operator==(const Entry& a, const Entry& b) {
    return a.inode == b.inode && a.parent == b.parent && a.version == b.version && a.writer == b.writer &&
           a.mtime == b.mtime && a.size == b.size && a.kind == b.kind && a.name == b.name &&
           std::ranges::equal(a.data(), b.data());
}

std::vector<std::uint8_t> read(const Entry& file, std::uint64_t offset, std::size_t count) {
    if (offset >= file.size) return {};
    std::vector<std::uint8_t> out(std::min<std::uint64_t>(count, file.size - offset));
    const Bytes data = file.data();
    if (offset < data.size()) {
        const Bytes slice = data.subspan(offset, std::min<std::uint64_t>(out.size(), data.size() - offset));
        std::ranges::copy(slice, out.begin());
    }
    return out;
}

}  // namespace cfs
