#pragma once
// The list of destination groups in front of every message, spec totempg-sync-services.md section 5.
// Internal to totem/pg.

#include <string_view>

#include "totem/base/bytes.hpp"

namespace totem::pg {

// A bounds-checked view of a received groups header.
class GroupsHeader {
public:
    // False if the counts and lengths do not fit the message.
    [[nodiscard]] bool decode(Bytes message, ByteOrder order);
    bool names(std::string_view group) const;
    Bytes payload() const { return payload_; }

private:
    Bytes lengths_, names_, payload_;
    ByteOrder order_ = kNativeOrder;
};

// Writes the header for one group; returns its size, 0 if `out` is too small.
std::size_t encode_groups_header(std::string_view group, ByteOrder order, MutableBytes out);

}  // namespace totem::pg
