#include "cfs/tree/index.hpp"

#include <algorithm>

namespace cfs {

namespace {

constexpr std::size_t kHeaderSize = 32;
constexpr std::size_t kItemSize = 40;

}  // namespace

std::vector<std::uint8_t> Index::encode() const {
    std::vector<std::uint8_t> out(kHeaderSize + kItemSize * items.size());
    totem::Writer writer_to(out, totem::ByteOrder::little);
    writer_to.u64(version);
    writer_to.u64(last_inode);
    writer_to.u32(writer);
    writer_to.u32(mtime);
    writer_to.u32(static_cast<std::uint32_t>(items.size()));
    writer_to.u32(static_cast<std::uint32_t>(out.size()));
    for (const Item& item : items) {
        writer_to.u64(item.inode);
        writer_to.bytes(item.digest);
    }
    return out;
}

Or<Index> Index::decode(Bytes payload) {
    totem::Reader reader(payload, totem::ByteOrder::little);
    Index index;
    index.version = reader.u64();
    index.last_inode = reader.u64();
    index.writer = reader.u32();
    index.mtime = reader.u32();
    const std::uint64_t count = reader.u32();
    const std::uint32_t bytes = reader.u32();
    if (!reader.ok()) return Failure{"received short memdb index (len < sizeof(memdb_index_t))"};
    if (payload.size() != bytes || bytes != kHeaderSize + kItemSize * count) {
        return Failure{"received mailformed memdb index (len != idx->bytes)"};
    }
    index.items.resize(count);
    for (Item& item : index.items) {
        item.inode = reader.u64();
        std::ranges::copy(reader.bytes(item.digest.size()), item.digest.begin());
    }
    const auto not_ascending = [](const Item& a, const Item& b) { return a.inode >= b.inode; };
    if (std::ranges::adjacent_find(index.items, not_ascending) != index.items.end()) {
        return Failure{"received mailformed memdb index (inodes are not ascending)"};
    }
    return index;
}

bool outranks(const Index& a, const Index& b) {
    return a.version > b.version || (a.version == b.version && a.mtime > b.mtime);
}

std::vector<Inode> missing_or_different(const Index& leader, const Index& other) {
    std::vector<Inode> out;
    auto theirs = other.items.begin();
    for (const Index::Item& item : leader.items) {
        while (theirs != other.items.end() && theirs->inode < item.inode)
            ++theirs;
        if (theirs == other.items.end() || *theirs != item) out.push_back(item.inode);
    }
    return out;
}

}  // namespace cfs
