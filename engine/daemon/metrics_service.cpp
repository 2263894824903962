#include "engine/daemon/metrics_service.hpp"

#include <system_error>

#include "engine/daemon/say.hpp"

namespace engine {
void MetricsService::serve(const std::optional<metrics::Endpoint>& endpoint) {
    if (listener_ && endpoint == listener_->endpoint()) return;
    if (listener_)
        say(log_, LogLevel::notice, kMain, "Metrics are no longer served at {}", listener_->endpoint().text());
    listener_.reset();
    if (!endpoint) return;
    const auto trouble = [this](const std::string& text) {
        say(log_, LogLevel::warning, kMain, "Cannot accept requests for metrics: {}", text);
    };
    try {
        listener_ = std::make_unique<metrics::Listener>(io_, *endpoint, page_, counters_, trouble);
        say(log_, LogLevel::notice, kMain, "Metrics are served at {}", endpoint->text());
    } catch (const std::system_error& error) {
        say(log_, LogLevel::error, kMain, "Cannot serve metrics at {}: {}", endpoint->text(), error.what());
    }
}

}  // namespace engine
