#include "conformance/posix/checks.hpp"

namespace posix {

std::vector<Check> all_checks() {
    std::vector<Check> out;
    for (const Checks group : {open_checks(), content_checks(), truncate_checks(), directory_checks(), name_checks(),
                               rename_checks(), attribute_checks(), user_checks(), open_file_checks(), race_checks(),
                               unsupported_checks(), store_checks(), virtual_checks(), limit_checks()})
        out.insert(out.end(), group.begin(), group.end());
    return out;
}

}  // namespace posix
