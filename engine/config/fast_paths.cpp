#include "engine/config/fast_paths.hpp"

#include <fmt/format.h>

#include "engine/config/error.hpp"

namespace engine::config {
namespace {

bool enabled(const cmap::Map& map, const char* key) {
    const auto value = map.get_string(key);
    if (!value || *value == "yes") return true;
    if (*value != "no") throw validation_error(fmt::format("{} is '{}', it must be yes or no.", key, *value));
    return false;
}

}  // namespace

FastPaths read_fast_paths(const cmap::Map& map) {
    return {.offload = enabled(map, "totem.offload"),
            .accelerated = enabled(map, "totem.accelerated"),
            .adaptive_window = enabled(map, "totem.adaptive_window"),
            .early_requests = enabled(map, "totem.early_requests"),
            .hold_at_sender = enabled(map, "totem.hold_at_sender"),
            .gather_requests = enabled(map, "totem.gather_requests"),
            .watch_processes = enabled(map, "totem.watch_processes"),
            .vector_crypto = enabled(map, "totem.vector_crypto")};
}

}  // namespace engine::config
