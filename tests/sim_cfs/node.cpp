#include "tests/sim_cfs/node.hpp"

#include <utility>

#include "totem/base/planted.hpp"

namespace totem::sim::store {
namespace {

// Verifications often enough to meet everything else.
cfs::replica::EngineSettings settings() {
    auto settings = cfs::replica::Data::settings();
    settings.verify_every = std::chrono::seconds(7);
    return settings;
}

}  // namespace

Node::Node(std::uint32_t machine, MemberId id, cfs::replica::MemoryGroup& group, unsigned component, Disk& disk,
           cfs::Tree tree, NodeEvents& events)
    : machine_(machine),
      id_(id),
      events_(events),
      disk_(disk),
      root_(tree.root()),
      tree_(std::move(tree)),
      data_(tree_, *this),
      engine_(settings(), data_, group.add(id, component, *this), *this) {}

void Node::submit(cfs::Operation operation, Done done) {
    const auto submitted = data_.submit(engine_, events_.now(*this), std::move(operation));
    if (submitted.count)
        sent_.emplace(*submitted.count, std::move(done));
    else
        done(submitted.result);
}

void Node::configuration(std::span<const MemberId> members, std::span<const MemberId> left,
                         std::span<const MemberId> joined) {
    engine_.configuration(events_.now(*this), members, left, joined);
}

void Node::delivered(MemberId sender, cfs::replica::Bytes message) {
    engine_.delivered(events_.now(*this), sender, message);
}

void Node::completed(std::uint64_t count, bool processed, int result) {
    const auto found = sent_.find(count);
    if (found == sent_.end()) return;
    Done done = std::move(found->second);
    sent_.erase(found);
    if (!processed) return done(std::nullopt);
    const bool on_disk = disk_.synced() >= disk_.written() || planted(Bug::cfs_acknowledge_early);
    if (result < 0 || on_disk) return done(result);
    unsynced_.push_back({disk_.written(), std::move(done), result});
}

void Node::disk_synced() {
    while (!unsynced_.empty() && unsynced_.front().change <= disk_.synced()) {
        const Acknowledgement next = std::move(unsynced_.front());
        unsynced_.pop_front();
        next.done(next.result);
    }
}

void Node::changed(const cfs::Change& change) {
    (void)disk_.write(change);
    events_.changed(*this, change, root_);
    root_ = data_.tree().root();
}

}  // namespace totem::sim::store
