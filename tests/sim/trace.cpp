#include "tests/sim/trace.hpp"

namespace totem::sim {

void Trace::write(Time at, NodeId node, const std::string& text) {
    auto line = node == 0 ? fmt::format("{:12.6f}     * {}", static_cast<double>(at) / kSecond, text)
                          : fmt::format("{:12.6f} {:5} {}", static_cast<double>(at) / kSecond, node, text);
    if (sink_) sink_(line);
    if (keep_ == 0) return;
    last_.push_back(std::move(line));
    if (last_.size() > keep_) last_.pop_front();
}

}  // namespace totem::sim
