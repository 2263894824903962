#pragma once
// The checks of spec corosync-conf.md section 10, in upstream's order and words.

#include "engine/config/draft.hpp"

namespace engine::config {

// Throws Error for the first thing that is wrong.
void validate(const Draft& draft);

}  // namespace engine::config
