#include "engine/config/metrics.hpp"

#include <fmt/format.h>

#include "engine/config/error.hpp"

namespace engine::config {
namespace {

constexpr std::string_view kListen = "metrics.listen", kAllowRemote = "metrics.allow_remote";

bool remote_allowed(const cmap::Map& map) {
    const auto value = map.get_string(kAllowRemote);
    if (value && *value != "yes" && *value != "no") throw validation_error("Invalid metrics.allow_remote value");
    return value == "yes";
}

}  // namespace

std::optional<metrics::Endpoint> read_metrics(const cmap::Map& map) {
    for (const std::string& key : map.keys("metrics.")) {
        if (key == kListen || key == kAllowRemote) continue;
        throw validation_error(fmt::format("{} is not known: the section metrics has listen and allow_remote.", key));
    }
    const bool remote = remote_allowed(map);
    const auto text = map.get_string(kListen);
    if (!text) return std::nullopt;
    auto endpoint = metrics::parse_endpoint(*text);
    if (!endpoint) {
        throw validation_error(fmt::format(
            "metrics.listen '{}' is neither ADDRESS:PORT, with a numeric address and IPv6 in brackets, nor the "
            "absolute path of a socket.",
            *text));
    }
    if (!endpoint->confined() && !remote) {
        throw validation_error(
            fmt::format("metrics.listen '{}' can be reached from other hosts, which anybody may then read: set "
                        "'allow_remote: yes' in the metrics section if that is wanted.",
                        *text));
    }
    return endpoint;
}

}  // namespace engine::config
