#include "pvecm/quorum/simulation.hpp"

#include <algorithm>

#include "pvecm/error.hpp"

namespace pvecm::quorum {
namespace {

constexpr const char* kDevice = "Qdevice";
constexpr vote::ClientId kDeviceClient = 1;

}  // namespace

// A machine, and what it has sent.
class Simulation::Node final : public vote::Effects {
public:
    Node(vote::NodeId id, vote::Reading reading) : machine(id, std::move(reading), 0, *this) {}

    bool send(const vote::Message& message) override {
        outbox.push_back(message);
        return true;
    }
    void verdict() override {}
    void nodelist(const vote::RingId&, std::span<const vote::NodeId>) override {}
    void expected_votes_changed(std::uint32_t) override {}
    void device_registered(vote::ClientId, vote::Result) override {}
    void store_tracking_barrier(std::uint32_t) override {}
    bool wants(vote::Level) const override { return false; }
    void log(vote::Level, std::string_view) override {}

    vote::Machine machine;
    std::deque<vote::Message> outbox;
};

void Simulation::boot(const NodeIds& nodes, bool device) {
    device_ = device;
    for (const Voter& voter : model_.voters) {
        if (std::find(nodes.begin(), nodes.end(), voter.id) == nodes.end()) continue;
        vote::Reading reading = vote::read(voter.keys);
        if (reading.failure) throw Error(*reading.failure);
        nodes_[voter.id] = std::make_shared<Node>(voter.id, std::move(reading));
        ring_.push_back(voter.id);
    }
    std::sort(ring_.begin(), ring_.end());
    for (const auto& [id, node] : nodes_)
        node->machine.start(now_);
    synchronise();
    if (!device_) return;
    for (const auto& [id, node] : nodes_)
        (void)node->machine.register_device(kDeviceClient, kDevice);
    deliver();
    poll_device();
}

void Simulation::lose(const NodeIds& gone) {
    for (const vote::NodeId id : gone) {
        nodes_.erase(id);
        std::erase(ring_, id);
    }
    synchronise();
}

void Simulation::lose_device() {
    device_ = false;
    vote::Duration timeout{};
    for (const auto& [id, node] : nodes_)
        timeout = std::max(timeout, node->machine.settings().device_timeout);
    pass(timeout);
}

void Simulation::pass_window() {
    vote::Duration window{};
    for (const auto& [id, node] : nodes_)
        window = std::max(window, node->machine.settings().last_man_standing_window);
    pass(window);
}

void Simulation::set_expected(std::uint32_t votes) {
    tell(vote::Reconfigure{0, votes, vote::Reconfigure::expected_votes});
}

void Simulation::set_votes(vote::NodeId node, std::uint32_t votes) {
    tell(vote::Reconfigure{node, votes, vote::Reconfigure::node_votes});
}

Count Simulation::count() const {
    if (ring_.empty()) return {};
    const vote::Machine& machine = nodes_.at(ring_.front())->machine;
    const auto info = machine.info(0);
    return {.votes = info->total_votes,
            .expected = info->highest_expected,
            .quorum = machine.quorum(),
            .quorate = machine.quorate(),
            .waiting_for_all = machine.waiting_for_all()};
}

void Simulation::synchronise() {
    if (ring_.empty()) return;
    vote::RingId ring;
    ring.rep.nodeid = ring_.front();
    ring.seq = sequence_ += 4;
    for (const auto& [id, node] : nodes_)
        node->machine.sync_init(ring_, ring, now_);
    poll_device();
    for (const auto& [id, node] : nodes_) {
        // One that still waits for a device that is gone waits no longer than this.
        while (!node->machine.sync_process())
            pass(node->machine.settings().device_sync_timeout);
    }
    deliver();
    for (const auto& [id, node] : nodes_)
        node->machine.sync_activate();
    deliver();
}

// The device votes for those that are left.
void Simulation::poll_device() {
    if (!device_) return;
    for (const auto& [id, node] : nodes_) {
        const vote::RingId& ring = node->machine.ring();
        (void)node->machine.poll_device(kDevice, true, ring.rep.nodeid, ring.seq, now_);
    }
    deliver();
}

void Simulation::deliver() {
    for (bool any = true; any;) {
        any = false;
        for (const vote::NodeId sender : ring_) {
            auto& outbox = nodes_.at(sender)->outbox;
            while (!outbox.empty()) {
                any = true;
                const vote::Message message = std::move(outbox.front());
                outbox.pop_front();
                for (const vote::NodeId to : ring_)
                    nodes_.at(to)->machine.on_message(sender, message, now_);
            }
        }
    }
}

void Simulation::pass(vote::Duration time) {
    const vote::Instant end = now_ + time;
    for (;;) {
        vote::Instant next = totem::kNever;
        for (const auto& [id, node] : nodes_)
            next = std::min(next, node->machine.next_timeout());
        if (next > end) break;
        now_ = std::max(now_, next);
        for (const auto& [id, node] : nodes_)
            node->machine.on_timeout(now_);
        deliver();
    }
    now_ = end;
}

void Simulation::tell(const vote::Message& message) {
    if (ring_.empty()) return;
    nodes_.at(ring_.front())->outbox.push_back(message);
    deliver();
}

}  // namespace pvecm::quorum
