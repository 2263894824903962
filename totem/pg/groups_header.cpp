#include "totem/pg/groups_header.hpp"

#include <algorithm>

namespace totem::pg {

bool GroupsHeader::decode(Bytes message, ByteOrder order) {
    order_ = order;
    Reader in(message, order);
    const std::size_t count = in.u16();
    lengths_ = in.bytes(count * 2);
    Reader lengths(lengths_, order);
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i)
        total += lengths.u16();
    names_ = in.bytes(total);
    payload_ = in.rest();
    return in.ok() && lengths.ok();
}

bool GroupsHeader::names(std::string_view group) const {
    Reader lengths(lengths_, order_), names(names_, order_);
    while (lengths.remaining() != 0) {
        const Bytes name = names.bytes(lengths.u16());
        if (std::equal(name.begin(), name.end(), group.begin(), group.end(),
                       [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); })) {
            return true;
        }
    }
    return false;
}

std::size_t encode_groups_header(std::string_view group, ByteOrder order, MutableBytes out) {
    Writer writer(out, order);
    writer.u16(1);
    writer.u16(static_cast<std::uint16_t>(group.size()));
    writer.bytes({reinterpret_cast<const std::uint8_t*>(group.data()), group.size()});
    return writer.ok() ? writer.position() : 0;
}

}  // namespace totem::pg
