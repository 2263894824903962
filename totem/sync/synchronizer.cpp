#include "totem/sync/synchronizer.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "totem/base/planted.hpp"
#include "totem/sync/messages.hpp"

namespace totem::sync {
namespace {

enum class State : std::uint8_t {
    idle,     // nothing to do, or between a change and its regular configuration
    build,    // collecting service lists
    process,  // the current service multicasts its state
    barrier,  // our barrier is out
};

struct Entry {
    std::uint32_t id = 0;
    Participant* participant = nullptr;  // nullptr: somebody else's service, barrier only
    std::string name;
};

struct Member {
    NodeId node = 0;
    bool received = false;
};

}  // namespace

struct Synchronizer::Impl {
    Impl(Dialect sync_dialect, ByteOrder sync_order, pg::ProcessGroups& pg_groups, Progress& sync_progress)
        : dialect(sync_dialect), order(sync_order), groups(pg_groups), progress(sync_progress) {}

    void abort();
    void start(const srp::Configuration& change);
    bool send_build();
    bool send_barrier();
    void on_build(Member& member, Bytes message, ByteOrder message_order);
    void on_barrier(Member& member);
    void next_service();
    void complete();
    bool all_received() const;
    void clear_received();

    const Dialect dialect;
    const ByteOrder order;
    pg::ProcessGroups& groups;
    Progress& progress;
    std::vector<Participant*> participants;  // by id
    std::vector<Entry> services;             // by id
    std::size_t current = 0;
    std::vector<NodeId> transitional;  // members of the last transitional configuration
    std::vector<Member> members;
    RingId ring;  // valid unless idle
    State state = State::idle;
    bool in_progress = true;
    bool abort_due = false;
    bool build_unsent = false, processed = false;
    Instant now{};
    std::uint64_t dropped = 0;
};

bool Synchronizer::Impl::all_received() const {
    return std::all_of(members.begin(), members.end(), [](const Member& m) { return m.received; });
}

void Synchronizer::Impl::clear_received() {
    for (Member& member : members)
        member.received = false;
}

void Synchronizer::Impl::abort() {
    abort_due = false;
    if (state == State::idle) return;
    // Only PROCESS reaches the service (section 9.2); init has to clean up after the other states.
    if (state == State::process && services[current].participant) services[current].participant->sync_abort();
    state = State::idle;
    progress.sync_aborted();
}

void Synchronizer::Impl::start(const srp::Configuration& change) {
    ring = change.ring;
    members.clear();
    std::vector<NodeId> nodes;
    for (const Identity& member : change.members) {
        members.push_back({member.nodeid, false});
        nodes.push_back(member.nodeid);
    }
    std::erase_if(transitional, [&](NodeId id) { return std::find(nodes.begin(), nodes.end(), id) == nodes.end(); });
    services.clear();
    for (Participant* participant : participants) {
        services.push_back({participant->service_id(), participant, std::string(participant->service_name())});
    }
    current = 0;
    processed = false;
    state = State::build;
    progress.sync_started(ring);
    build_unsent = !send_build();
    for (Participant* participant : participants)
        participant->sync_init(transitional, nodes, ring);
}

bool Synchronizer::Impl::send_build() {
    std::vector<std::uint32_t> ids;
    for (const Participant* participant : participants)
        ids.push_back(participant->service_id());
    std::array<std::uint8_t, kMaxMessageSize> buffer;
    const Bytes message(buffer.data(), encode_service_build(dialect, ring, ids, order, buffer));
    const bool sent = groups.send(kGroup, {&message, 1});
    if (!sent) groups.request_token();
    return sent;
}

bool Synchronizer::Impl::send_barrier() {
    std::array<std::uint8_t, kMaxMessageSize> buffer;
    const Bytes message(buffer.data(), encode_barrier(dialect, ring, order, buffer));
    return groups.send(kGroup, {&message, 1});
}

void Synchronizer::Impl::on_build(Member& member, Bytes message, ByteOrder message_order) {
    ServiceList list;
    if (state != State::build || !decode_service_list(dialect, message, message_order, list)) {
        ++dropped;
        return;
    }
    for (std::size_t i = 0; i < list.count; ++i) {
        const std::uint32_t id = list.ids[i];
        if (id >= kMaxServices) continue;
        auto at = std::lower_bound(services.begin(), services.end(), id,
                                   [](const Entry& entry, std::uint32_t wanted) { return entry.id < wanted; });
        if (at != services.end() && at->id == id) continue;
        services.insert(at, {id, nullptr, "Unknown External Service (id = " + std::to_string(id) + ")"});
    }
    member.received = true;
    if (!all_received()) return;
    progress.sync_process_entered();
    next_service();
}

void Synchronizer::Impl::on_barrier(Member& member) {
    // Total order puts every member's list before any barrier.
    if (state != State::process && state != State::barrier) {
        ++dropped;
        return;
    }
    member.received = true;
    if (!all_received() && !planted(Bug::activate_before_barrier)) return;
    const Entry& entry = services[current];
    progress.sync_service_committed(entry.name);
    if (entry.participant) entry.participant->sync_activate(now);
    ++current;
    next_service();
}

void Synchronizer::Impl::next_service() {
    clear_received();
    processed = false;
    if (current == services.size()) {
        complete();
        return;
    }
    state = State::process;
    groups.request_token();
}

void Synchronizer::Impl::complete() {
    state = State::idle;
    in_progress = false;
    progress.sync_completed(ring);
    for (Participant* participant : participants)
        participant->sync_finished(now);
}

Synchronizer::Synchronizer(Dialect dialect, ByteOrder order, pg::ProcessGroups& groups, Progress& progress)
    : impl_(std::make_unique<Impl>(dialect, order, groups, progress)) {
    groups.join(kGroup, *this);
}

Synchronizer::~Synchronizer() = default;

void Synchronizer::add(Participant& participant) {
    auto& all = impl_->participants;
    const auto at = std::lower_bound(all.begin(), all.end(), &participant,
                                     [](Participant* a, Participant* b) { return a->service_id() < b->service_id(); });
    all.insert(at, &participant);
}

void Synchronizer::announce() {
    impl_->abort_due = impl_->in_progress;
    impl_->in_progress = true;
}

void Synchronizer::configuration(Instant now, const srp::Configuration& change) {
    impl_->now = now;
    if (impl_->abort_due) impl_->abort();
    if (change.kind == srp::Configuration::Kind::transitional) {
        if (!planted(Bug::keep_old_transitional)) impl_->transitional.clear();
        for (const Identity& member : change.members)
            impl_->transitional.push_back(member.nodeid);
        for (Participant* participant : impl_->participants)
            participant->sync_announced();
    } else {
        impl_->start(change);
    }
}

void Synchronizer::token_sent(Instant now) {
    Impl& self = *impl_;
    self.now = now;
    if (self.build_unsent && self.state == State::build) self.build_unsent = !self.send_build();
    if (self.state != State::process) return;
    Participant* const participant = self.services[self.current].participant;
    if (!self.processed) self.processed = !participant || participant->sync_process(now);
    if (self.processed && self.send_barrier()) {
        self.state = State::barrier;
    } else {
        self.groups.request_token();
    }
}

bool Synchronizer::in_progress() const {
    return impl_->in_progress;
}

void Synchronizer::set_now(Instant now) {
    impl_->now = now;
}

void Synchronizer::on_message(NodeId sender, ByteOrder order, Bytes payload) {
    Impl& self = *impl_;
    Head head;
    auto member = std::find_if(self.members.begin(), self.members.end(),
                               [&](const Member& candidate) { return candidate.node == sender; });
    if (self.state == State::idle || member == self.members.end() || !decode_head(self.dialect, payload, order, head) ||
        head.ring != self.ring) {
        ++self.dropped;
        return;
    }
    if (head.id == MessageId::service_build) {
        self.on_build(*member, payload, order);
    } else {
        self.on_barrier(*member);
    }
}

std::uint64_t Synchronizer::dropped() const {
    return impl_->dropped;
}

}  // namespace totem::sync
