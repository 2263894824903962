#include "harness.hpp"

#include <algorithm>
#include <sstream>

namespace totem::srp::test {
namespace {

template <typename List>
std::string node_list(const List& nodes) {
    std::string out = "{";
    for (const Identity& node : nodes)
        out += (out.size() > 1 ? "," : "") + std::to_string(node.nodeid);
    return out + "}";
}

std::string ring_text(const RingId& ring) {
    std::ostringstream out;
    out << std::hex << ring.rep.nodeid << "." << ring.seq;
    return out.str();
}

std::string hex(std::uint32_t value) {
    std::ostringstream out;
    out << std::hex << value;
    return out.str();
}

std::string text_of(const wire::Join& p) {
    return std::string(p.is_leave() ? "LEAVE" : "JOIN") + " ringseq " + hex(static_cast<std::uint32_t>(p.ring_seq)) +
           " proc " + node_list(p.proc_list) + " failed " + node_list(p.failed_list);
}

std::string text_of(const wire::CommitToken& p) {
    std::string out = "COMMIT " + ring_text(p.ring) + " token_seq " + std::to_string(p.token_seq) + " index " +
                      std::to_string(p.memb_index) + " " + node_list(p.members);
    for (const wire::CommitEntry& entry : p.entries) {
        if (entry.unfilled()) {
            out += " -";
            continue;
        }
        out += " (" + ring_text(entry.ring) + "," + std::to_string(entry.aru) + "," +
               std::to_string(entry.high_delivered) + "," + std::to_string(entry.received_flg) + ")";
    }
    return out;
}

std::string text_of(const wire::Token& p) {
    std::string list;
    for (std::uint32_t i = 0; i < p.rtr_count; ++i)
        list += (i ? "," : "") + std::to_string(p.rtr[i].seq);
    return "TOKEN " + ring_text(p.ring) + " seq " + std::to_string(p.seq) + " token_seq " +
           std::to_string(p.token_seq) + " aru " + (p.aru == 0xFFFFFFFF ? "ffffffff" : std::to_string(p.aru)) +
           " addr " + std::to_string(p.aru_addr) + " fcc " + std::to_string(p.fcc) + " backlog " +
           std::to_string(p.backlog) + " flg " + std::to_string(p.retrans_flg) + " rtr {" + list + "}";
}

}  // namespace

Identity identity(Dialect dialect, NodeId id) {
    if (dialect == Dialect::v3) return Identity::v3(id);
    Identity out;
    out.nodeid = id;
    out.addr[0].nodeid = id;
    out.addr[0].family = NodeAddress::kIpv4;
    out.addr[0].bytes = {10, 77, static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)};
    return out;
}

std::string describe(Dialect dialect, NodeId from, NodeId to, Bytes packet) {
    const wire::Codec codec(dialect);
    const std::string way = std::to_string(from) + " -> " + (to ? std::to_string(to) : "all") + " ";
    if (wire::Join p; codec.decode(packet, p) == wire::Drop::none) return way + text_of(p);
    if (wire::CommitToken p; codec.decode(packet, p) == wire::Drop::none) return way + text_of(p);
    if (wire::Token p; codec.decode(packet, p) == wire::Drop::none) return way + text_of(p);
    if (wire::MergeDetect p; codec.decode(packet, p) == wire::Drop::none) return way + "MERGE " + ring_text(p.ring);
    if (wire::HoldCancel p; codec.decode(packet, p) == wire::Drop::none)
        return way + "HOLD CANCEL " + ring_text(p.ring);
    wire::Mcast p;
    if (codec.decode(packet, p) != wire::Drop::none) return way + "?";
    const std::string head = way + "MCAST " + ring_text(p.ring) + " seq " + std::to_string(p.seq);
    wire::Mcast inner;
    if (p.header.encapsulated != 1 || codec.decode(p.payload, inner) != wire::Drop::none) return head;
    return head + " inner " + ring_text(inner.ring) + " " + std::to_string(inner.seq);
}

std::vector<std::string> matching(const std::vector<std::string>& trace, const std::string& what) {
    std::vector<std::string> out;
    std::copy_if(trace.begin(), trace.end(), std::back_inserter(out),
                 [&](const std::string& line) { return line.find(what) != std::string::npos; });
    return out;
}

// ---- Node

Node::Node(Net& net, NodeId id, const RingConfig& config)
    : net_(net), id_(id), dialect_(config.dialect), ring_(std::make_unique<Ring>(config, pool, *this, *this, *this)) {}

void Node::start(std::uint64_t stored) {
    stored_seq = stored;
    ring_->start(net_.now, stored);
    net_.schedule(*this);
}

bool Node::send(const std::string& payload) {
    FrameRef frame = ring_->frame_for_payload(payload.size());
    std::copy(payload.begin(), payload.end(), frame.writable().begin() + static_cast<long>(ring_->payload_offset()));
    const bool taken = ring_->submit(net_.now, std::move(frame));
    net_.schedule(*this);
    return taken;
}

void Node::leave() {
    ring_->leave(net_.now);
    net_.schedule(*this);
}

void Node::thaw() {
    frozen = false;
    for (auto& event : net_.waiting_[id_])
        net_.in_flight_.emplace(net_.now, std::move(event));
    net_.waiting_[id_].clear();
    net_.schedule(*this);
}

void Node::deliver(const Message& message) {
    deliveries.push_back({message.ring, message.seq, message.originator, message.order,
                          std::string(message.payload.begin(), message.payload.end())});
    const Delivered& last = deliveries.back();
    heard.push_back(test::ring_text(message.ring) + ":" + std::to_string(last.seq) + " " +
                    std::to_string(last.originator) + " " + last.payload);
    if (on_deliver) on_deliver(last);
}

void Node::configuration(const Configuration& change) {
    const bool regular = change.kind == Configuration::Kind::regular;
    heard.push_back(std::string(regular ? "regular " : "trans ") + test::ring_text(change.ring) + " " +
                    node_list(change.members) + " left " + node_list(change.left) + " joined " +
                    node_list(change.joined));
    if (regular && synchronize) ring_->synchronized();
}

void Node::token_received() {
    if (on_token_received) on_token_received();
}

void Node::multicast(const FrameRef& frame, Fanout) {
    net_.sent(id_, 0, frame.bytes());
}

void Node::unicast(const FrameRef& frame, const Identity& target) {
    net_.sent(id_, target.nodeid, frame.bytes());
}

bool Node::store_ring_seq(std::uint64_t seq) {
    if (storage_works) stored_seq = seq;
    return storage_works;
}

bool Node::discard_pending_input() {
    // What has arrived by now.
    const auto end = net_.in_flight_.upper_bound(net_.now);
    bool any = false;
    for (auto it = net_.in_flight_.begin(); it != end;) {
        const bool mine = it->second.to == id_;
        any = any || mine;
        it = mine ? net_.in_flight_.erase(it) : std::next(it);
    }
    return any;
}

void Node::retransmit_list(std::span<const wire::RtrItem> list) {
    std::string text;
    for (const wire::RtrItem& item : list)
        text += std::to_string(item.seq) + " ";
    seen.retransmit_lists.push_back(text);
}

void Node::token_handled(const wire::Token&, const wire::Token& out) {
    ++seen.tokens;
    if (keep_tokens) seen.tokens_out.push_back(out);
}

void Node::join_received(const Identity& sender, std::span<const Identity> proc, std::span<const Identity> failed) {
    if (proc.size() == 1 && proc.front() == sender && failed.empty()) seen.joined_alone.push_back(sender.nodeid);
    for (const Identity& node : failed)
        seen.named_failed.emplace_back(sender.nodeid, node.nodeid);
}

void Node::membership_formed(const RingId&, std::span<const Identity>, std::span<const Identity>,
                             std::span<const Identity>, std::span<const Identity> without_leave) {
    seen.left_without_leave.clear();
    for (const Identity& node : without_leave)
        seen.left_without_leave.push_back(node.nodeid);
}

// ---- Net

Node& Net::add(NodeId id, ByteOrder order) {
    RingConfig config;
    config.dialect = dialect;
    config.order = order;
    config.self = identity(dialect, id);
    config.queue_capacity = queue_capacity;
    config.pace = pace;
    config.parameters = parameters;
    return *(nodes[id] = std::make_unique<Node>(*this, id, config));
}

void Net::sent(NodeId from, NodeId to, Bytes bytes) {
    Packet packet{now, from, to, {bytes.begin(), bytes.end()}, {}, {}};
    wire::Header head;
    if (wire::Codec(dialect).decode(bytes, head) == wire::Drop::none) packet.type = head.type;
    for (const auto& [id, node] : nodes) {
        const bool addressed = to == 0 ? id != from : id == to;
        if (!addressed || !node->alive || (lose && lose(packet, id))) continue;
        in_flight_.emplace(now + (id == from ? Duration(1us) : latency), Event{id, packet.bytes});
    }
    if (!record) return;
    packet.text = describe(dialect, from, to, bytes);
    packets.push_back(std::move(packet));
}

void Net::schedule(Node& node) {
    const Instant due = node.ring().next_timeout();
    wake_[node.id()] = due <= now ? now + loopback_delay : due;
}

bool Net::step(Instant limit) {
    auto wake = wake_.end();
    for (auto it = wake_.begin(); it != wake_.end(); ++it) {
        const Node& node = *nodes.at(it->first);
        if (!node.alive || node.frozen) continue;
        if (wake == wake_.end() || it->second < wake->second) wake = it;
    }
    const Instant arrival = in_flight_.empty() ? kNever : in_flight_.begin()->first;
    const Instant due = wake == wake_.end() ? kNever : wake->second;
    if (std::min(arrival, due) > limit) return false;
    if (due <= arrival) {
        now = std::max(now, due);
        Node& node = *nodes.at(wake->first);
        node.ring().on_timeout(now);
        schedule(node);
        return true;
    }
    now = std::max(now, arrival);
    auto event = in_flight_.extract(in_flight_.begin());
    Node& node = *nodes.at(event.mapped().to);
    if (!node.alive) return true;
    if (node.frozen) {
        waiting_[node.id()].push_back(std::move(event.mapped()));
        return true;
    }
    node.ring().on_datagram(now, event.mapped().bytes);
    schedule(node);
    return true;
}

void Net::run_for(Duration duration) {
    const Instant end = now + duration;
    while (step(end)) {
    }
    now = end;
}

bool Net::run_until(const std::function<bool()>& condition, Duration limit) {
    const Instant end = now + limit;
    while (!condition()) {
        if (!step(end)) return false;
    }
    return true;
}

bool Net::settled(const std::vector<NodeId>& members) {
    const RingId ring = nodes.at(members.front())->ring().ring_id();
    return std::all_of(members.begin(), members.end(), [&](NodeId id) {
        Ring& each = nodes.at(id)->ring();
        if (each.state() != State::operational || each.ring_id() != ring) return false;
        return std::equal(members.begin(), members.end(), each.members().begin(), each.members().end(),
                          [](NodeId a, const Identity& b) { return a == b.nodeid; });
    });
}

bool Net::settle(const std::vector<NodeId>& members, Duration limit) {
    return run_until([&] { return settled(members); }, limit);
}

void Net::inject(NodeId to, std::vector<std::uint8_t> bytes) {
    nodes.at(to)->ring().on_datagram(now, bytes);
    schedule(*nodes.at(to));
}

std::vector<std::string> Net::trace(std::size_t from) const {
    std::vector<std::string> out;
    for (std::size_t i = from; i < packets.size(); ++i)
        out.push_back(packets[i].text);
    return out;
}

std::size_t Net::count(wire::PacketType type, std::size_t from) const {
    return static_cast<std::size_t>(std::count_if(packets.begin() + static_cast<long>(from), packets.end(),
                                                  [&](const Packet& p) { return p.type == type; }));
}

}  // namespace totem::srp::test
