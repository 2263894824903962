#include "cfs/replica/clusterlog/ring.hpp"

#include <algorithm>

namespace cfs::replica {
namespace {

using totem::ByteOrder;
using totem::Reader;
using totem::Writer;

constexpr std::size_t kHead = 8;

std::uint32_t read32(Bytes bytes, std::size_t at) {
    return Reader(bytes.subspan(at), ByteOrder::little).u32();
}

// Not transitive over the whole range, so it must not go to an algorithm that relies on that.
std::int32_t compare(const LogEntry& a, const LogEntry& b) {
    if (const auto time = static_cast<std::int32_t>(a.time - b.time)) return time;
    if (const auto node = static_cast<std::int32_t>(a.node_digest - b.node_digest)) return node;
    return static_cast<std::int32_t>(a.uid - b.uid);
}

}  // namespace

LogRing::LogRing() : bytes_(kSize) {
    Writer(bytes_, ByteOrder::little).u32(kSize);
}

std::optional<LogRing> LogRing::of(Bytes bytes) {
    if (bytes.size() != kSize || read32(bytes, 0) != kSize) return std::nullopt;
    LogRing ring;
    ring.bytes_.assign(bytes.begin(), bytes.end());
    return ring;
}

std::uint32_t LogRing::position() const {
    return read32(bytes_, 4);
}

void LogRing::append(const LogEntry& entry) {
    const std::size_t size = aligned_log_size(encoded_size(entry));
    const std::uint32_t newest = position();
    std::size_t place = kHead;
    if (newest != 0) {
        place = read32(bytes_, newest + 4);
        if (place + size >= bytes_.size()) place = kHead;
    }
    LogEntry placed = entry;
    placed.previous = newest;
    placed.next = static_cast<std::uint32_t>(place + size);
    const totem::MutableBytes out(bytes_);
    Writer(out.subspan(place), ByteOrder::little).bytes(encode(placed));
    Writer(out.subspan(4), ByteOrder::little).u32(static_cast<std::uint32_t>(place));
}

std::vector<LogEntry> LogRing::entries() const {
    std::vector<LogEntry> entries;
    const std::uint32_t newest = position();
    std::uint32_t place = newest;
    while (place >= kHead && place < bytes_.size() && (place <= newest || place > newest + kLargestLogEntry)) {
        const Bytes rest = Bytes(bytes_).subspan(place);
        const auto size = log_entry_size(rest);
        if (!size || *size > std::min(rest.size(), kLargestLogEntry)) break;
        auto entry = decode_log(rest.first(*size));
        if (!entry) break;
        const std::uint32_t previous = entry->previous;
        entries.push_back(std::move(*entry));
        // Older ones lie below; once the walk has come to the part above the newest one it stays there.
        const bool wrapped = place > newest;
        const bool goes_down = previous < place && !(wrapped && previous <= newest);
        const bool wraps = !wrapped && previous > newest;
        if (!goes_down && !wraps) break;
        place = previous;
    }
    return entries;
}

std::vector<LogEntry> in_order(std::span<const LogEntry> entries) {
    std::vector<const LogEntry*> order;
    for (const LogEntry& entry : entries) {
        std::size_t low = 0, high = order.size();
        bool known = false;
        while (low < high && !known) {
            const std::size_t middle = (low + high) / 2;
            const std::int32_t difference = compare(entry, *order[middle]);
            known = difference == 0;
            if (difference < 0)
                high = middle;
            else
                low = middle + 1;
        }
        if (!known) order.insert(order.begin() + static_cast<std::ptrdiff_t>(low), &entry);
    }
    std::vector<LogEntry> out;
    out.reserve(order.size());
    for (const LogEntry* const entry : order)
        out.push_back(*entry);
    return out;
}

}  // namespace cfs::replica
