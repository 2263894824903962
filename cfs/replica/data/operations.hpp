#pragma once
// The tree's operations as messages of group pve_dcdb_v1 and back (pmxcfs-wire.md 5.1, 5.2).

#include "cfs/replica/messages/data.hpp"
#include "cfs/tree/index.hpp"
#include "cfs/tree/operation.hpp"

namespace cfs::replica {

// Paths in messages have no leading slash (pmxcfs.md 5.2).
std::string without_leading_slashes(std::string_view path);

std::uint16_t subtype_of(const Operation& operation);
Buffer encode_operation(const Operation& operation);

// Of one of the subtypes 1 to 6.
Operation to_operation(DataSubtype subtype, const FileMessage& message);

// An entry as UPDATE message and back. A file of the truncate quirk (pmxcfs.md 5.3), which has a size and no content,
// travels as zeros; the leader's index tells that it was one.
Buffer encode_update(const Entry& entry);
Entry to_entry(const UpdateMessage& message);
void restore_missing_content(Entry& entry, const Index& leader);

}  // namespace cfs::replica
