// The network of a laboratory: cuts, loss, captures.
#include <fcntl.h>
#include <fmt/format.h>
#include <csignal>

#include "conformance/lab/change.hpp"
#include "conformance/lab/lab.hpp"

namespace lab {

void Lab::apply(const NodeRecord& node) const {
    set_reception(node.init, node.receptions, manifest_.rings);
}

void Lab::check_ring(unsigned ring) const {
    if (ring >= manifest_.rings)
        throw LabError(fmt::format("there is no ring {}: they are 0 to {}", ring, manifest_.rings - 1));
}

void Lab::cut(unsigned from, unsigned to) {
    if (from == to) throw LabError("a node cannot be cut off from itself");
    record(from);
    Change change(*this);
    for (auto& reception : record(to).receptions)
        reception.cut.insert(from);
    apply(record(to));
    change.done();
}

void Lab::cut_both(unsigned a, unsigned b) {
    cut(a, b);
    cut(b, a);
}

void Lab::partition(const std::vector<Nodes>& sides) {
    Change change(*this);
    for (std::size_t mine = 0; mine < sides.size(); ++mine) {
        for (const auto node : sides[mine]) {
            for (auto& reception : record(node).receptions) {
                for (std::size_t other = 0; other < sides.size(); ++other) {
                    if (other != mine) reception.cut.insert(sides[other].begin(), sides[other].end());
                }
            }
        }
    }
    for (const auto& node : manifest_.nodes)
        apply(node);
    change.done();
}

void Lab::cut_ring(unsigned ring) {
    for (const auto node : all())
        cut_ring(ring, node);
}

void Lab::cut_ring(unsigned ring, unsigned node) {
    check_ring(ring);
    record(node);
    Change change(*this);
    for (const auto other : all()) {
        if (other == node) continue;
        record(other).receptions[ring].cut.insert(node);
        record(node).receptions[ring].cut.insert(other);
    }
    for (const auto& each : manifest_.nodes)
        apply(each);
    change.done();
}

void Lab::heal() {
    Change change(*this);
    for (auto& node : manifest_.nodes) {
        for (auto& reception : node.receptions)
            reception.cut.clear();
        apply(node);
    }
    change.done();
}

void Lab::set_loss(double share) {
    for (const auto node : all())
        set_loss(node, share);
}

void Lab::set_loss(unsigned node, double share) {
    if (!(share >= 0 && share <= 1)) throw LabError("a loss is a share between 0 and 1 (0 % and 100 %)");
    Change change(*this);
    for (auto& reception : record(node).receptions)
        reception.loss = share;
    apply(record(node));
    change.done();
}

void Lab::start_capture(const std::filesystem::path& file) {
    Change change(*this);
    if (manifest_.capture.alive()) throw LabError("a capture into " + manifest_.capture_file + " is running already");
    const auto report = directory() / "capture.log";
    std::filesystem::remove(report);
    // In the hub's network but with outside paths; a persistent laboratory's capture outlives this process.
    const auto target = std::filesystem::absolute(file);
    const HostEntry hub(manifest_.hub);
    open_file(target, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const auto started = start_detached(
        hub, {"tcpdump", "-i", bridge_name(0), "-U", "--immediate-mode", "-Z", "root", "-B", "16384", "-w", target},
        report, {});
    manifest_.capture = started.id;
    manifest_.capture_file = target;
    change.done();
    const auto listening = [&] { return Log(report).count("listening on") > 0 || !started.id.alive(); };
    if (!wait_until(milliseconds(10000), listening) || !started.id.alive()) {
        throw LabError("tcpdump does not capture: " + Log(report).text());
    }
}

void Lab::stop_capture() {
    Change change(*this);
    const auto capture = std::exchange(manifest_.capture, {});
    if (!capture.signal(SIGINT)) throw LabError("no capture is running");
    const bool ended = wait_for_end(capture, milliseconds(10000));
    change.done();
    if (!ended) throw LabError("tcpdump does not end");
}

}  // namespace lab
