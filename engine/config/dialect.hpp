#pragma once
// Which dialect a corosync.conf means: totem.dialect if it says 2.x or 3.x, else (auto) what only one of the two has.

#include <string>
#include <string_view>

#include "totem/wire/types.hpp"

namespace engine::config {

struct DialectChoice {
    totem::Dialect dialect = totem::Dialect::v3;  // to read the file with
    bool open = false;  // nothing in it says which: what the other nodes speak decides, else 3.x
    // The key that decides, such as "totem.rrp_mode"; empty for totem.dialect and where none does.
    std::string because = {};
};

// Never fails, as the dialect decides what the rest of the file may be and how errors read.
DialectChoice choose_dialect(std::string_view text);

}  // namespace engine::config
