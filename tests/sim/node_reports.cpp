// What the machines of a node report, on its way to trace and oracles.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/sim/hash.hpp"
#include "tests/sim/node.hpp"

namespace totem::sim {
namespace {

std::vector<NodeId> ids(std::span<const Identity> list) {
    std::vector<NodeId> out;
    for (const Identity& identity : list)
        out.push_back(identity.nodeid);
    return out;
}

}  // namespace

void Node::state_entered(srp::State state) {
    recovering_ = state == srp::State::recovery;
    // A visit that ended in FAILED TO RECEIVE is not reported.
    if (state == srp::State::gather) multicasts_in_visit_ = 0;
    if (crash_.armed && crash_.on_state == static_cast<std::uint8_t>(state)) crash_.counting = true;
    if (silent()) return;
    around_.trace.line(around_.now, id(), "{}", srp::describe(state));
    around_.trace.note(mix(mix(id(), static_cast<std::uint64_t>(state)), static_cast<std::uint64_t>(around_.now)));
}

void Node::gather_entered(srp::GatherReason reason) {
    if (!silent()) around_.trace.line(around_.now, id(), "gathers: {}", srp::describe(reason));
}

void Node::token_lost(srp::State state, Duration) {
    if (!silent()) around_.trace.line(around_.now, id(), "token lost in {}", srp::describe(state));
}

void Node::failed_to_receive() {
    if (!silent()) around_.trace.line(around_.now, id(), "FAILED TO RECEIVE");
}

void Node::pause_detected(Duration elapsed) {
    if (!silent()) around_.trace.line(around_.now, id(), "noticed a pause of {} ns", elapsed.count());
}

void Node::datagram_dropped(wire::Drop reason, Bytes datagram) {
    if (!silent())
        around_.trace.line(around_.now, id(), "refuses {} bytes: {}", datagram.size(), wire::describe(reason));
}

// Even a dying node reports this: the message may have left just before.
void Node::assigned(const RingId& ring, std::uint32_t seq, Bytes payload) {
    around_.history.assignment(who_, ring, seq, hash_bytes(payload));
}

void Node::stored(const RingId& ring, std::uint32_t seq) {
    if (!silent()) around_.history.stored(who_, ring, seq, recovering_);
}

void Node::freed(const RingId& ring, std::uint32_t up_to) {
    if (!silent()) around_.history.freed(who_, ring, up_to);
}

void Node::token_handled(const wire::Token& received, const wire::Token& sent) {
    if (!silent()) around_.history.token_visit(who_, received, sent, multicasts_in_visit_, recovering_);
    multicasts_in_visit_ = 0;
}

void Node::token_kept(const wire::Token& before, const wire::Token& sent) {
    if (!silent()) around_.history.token_visit(who_, before, sent, multicasts_in_visit_, recovering_, true);
    multicasts_in_visit_ = 0;
}

void Node::delivered(const srp::Message& message) {
    if (silent()) return;
    const std::uint64_t hash = hash_bytes(message.payload);
    around_.trace.line(around_.now, id(), "delivers {} {} of {}, {} bytes", message.ring.text(around_.scenario.dialect),
                       message.seq, message.originator, message.payload.size());
    around_.trace.note(mix(mix(id(), message.seq), hash));
    position_ = message.seq;
    around_.history.delivery(who_, message.ring, message.seq, message.originator, hash);
    around_.cpg.position(who_, message.seq);
}

void Node::configuration_delivered(const srp::Configuration& change) {
    if (silent()) return;
    const auto members = ids(change.members), left = ids(change.left), joined = ids(change.joined);
    const bool regular = change.kind == srp::Configuration::Kind::regular;
    around_.trace.line(around_.now, id(), "{} configuration {} members {} left {} joined {}",
                       regular ? "regular" : "transitional", change.ring.text(around_.scenario.dialect), members, left,
                       joined);
    around_.history.configuration(who_, change.kind, change.ring, members, left, joined);
    const ConfigurationEvent event{who_, change.kind, around_.history.key(who_, change.ring), members, left, joined};
    if (regular) {
        regular_ = event.ring;
        regular_id_ = change.ring;
        position_ = 0;
    }
    around_.cpg.configuration(event);
    around_.sync.configuration(event);
}

void Node::commit_token_filled(const RingId& ring) {
    if (!silent()) around_.history.commit_filled(who_, ring);
}

void Node::fatal(std::string_view what) {
    if (silent()) return;
    around_.trace.line(around_.now, id(), "fatal: {}", what);
    failed_ = true;
}

void Node::sync_completed(const RingId& ring) {
    if (silent()) return;
    around_.trace.line(around_.now, id(), "services synchronised");
    around_.sync.completed(who_, around_.history.key(who_, ring), position_);
}

void Node::sync_aborted() {
    if (!silent()) around_.trace.line(around_.now, id(), "synchronisation aborted");
}

void Node::network_status(unsigned network, const rrp::Status& status) {
    if (!silent())
        around_.trace.line(around_.now, id(), "{}", describe(status, network, fmt::format("network {}", network)));
}

void Node::ring_test_activated(unsigned network, const wire::RingTest&, bool recovered) {
    if (!silent() && recovered) around_.trace.line(around_.now, id(), "recovered network {}", network);
}

}  // namespace totem::sim
