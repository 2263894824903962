#pragma once
// Serves the metrics of a node where the configuration wants them, if it does.

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "engine/daemon/log_sink.hpp"
#include "engine/metrics/listener.hpp"

namespace engine {

class MetricsService {
public:
    // All references must outlive the service.
    MetricsService(boost::asio::io_context& io, LogSink& log, metrics::Listener::Page page,
                   metrics::ListenerCounters& counters)
        : io_(io), log_(log), page_(std::move(page)), counters_(counters) {}

    // Listens there and nowhere else. What cannot be had is logged, and tried again the next time.
    void serve(const std::optional<metrics::Endpoint>& endpoint);

private:
    boost::asio::io_context& io_;
    LogSink& log_;
    const metrics::Listener::Page page_;
    metrics::ListenerCounters& counters_;
    std::unique_ptr<metrics::Listener> listener_;
};

}  // namespace engine
