#pragma once
// What corosync.conf may ask for and totemd does not do: refused if the cluster's behaviour depends on
// it, else warned about. Nothing is dropped in silence. The list for users is docs/configuration.md.

#include "engine/config/draft.hpp"

namespace engine::config {

// Adds the warnings. Before the key is read.
void warn_about_unused(Draft& draft);

// Throws Error. After validation, so that what corosync refuses too is refused in its words.
void refuse_unsupported(const Draft& draft);

}  // namespace engine::config
