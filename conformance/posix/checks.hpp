#pragma once
// All checks, in groups by what they are about. The errors are those of pmxcfs.md, sections 5 and 7 to 11.

#include <span>
#include <string_view>
#include <vector>

#include "conformance/posix/place.hpp"

namespace posix {

struct Check {
    std::string_view name;  // GROUP/WHAT; stays the same from version to version
    void (*run)(Place&);
    bool alone = false;  // nothing else may change the store meanwhile
};
using Checks = std::span<const Check>;

Checks open_checks();
Checks content_checks();
Checks truncate_checks();
Checks directory_checks();
Checks name_checks();
Checks rename_checks();
Checks attribute_checks();
Checks user_checks();
Checks open_file_checks();
Checks race_checks();
Checks unsupported_checks();
Checks store_checks();  // guests and locks
Checks virtual_checks();
Checks limit_checks();

std::vector<Check> all_checks();

}  // namespace posix
