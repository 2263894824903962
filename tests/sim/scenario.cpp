#include "tests/sim/scenario.hpp"

#include <algorithm>
#include <numeric>

#include "tests/sim/rng.hpp"

namespace totem::sim {
namespace {

using wire::PacketType;

class Maker {
public:
    explicit Maker(std::uint64_t seed) : rng_(seed, 1) { out_.seed = seed; }

    Scenario make() {
        out_.dialect = rng_.chance(0.6) ? Dialect::v3 : Dialect::v2;
        count_ = node_count();
        choose_parameters();
        length_ = token_ * rng_.range(6, count_ > 16 ? 10 : 22);
        choose_nodes();
        choose_votes();
        choose_traffic();
        choose_faults();
        choose_networks();
        choose_paces();
        choose_actions();
        choose_stream();
        out_.calm = length_ + token_ / 10;
        out_.converged_within = bound();
        out_.watch_idle = rng_.chance(0.25) && !out_.dead;
        return std::move(out_);
    }

private:
    std::uint32_t node_count() {
        const std::uint64_t roll = rng_.below(1000);
        if (roll < 30) return 1;
        if (roll < 800) return static_cast<std::uint32_t>(rng_.range(2, 5));
        if (roll < 975) return static_cast<std::uint32_t>(rng_.range(6, 8));
        if (roll < 998) return static_cast<std::uint32_t>(rng_.range(9, 16));
        return static_cast<std::uint32_t>(rng_.range(17, kMaxSimNodes));
    }

    void choose_parameters() {
        auto& p = parameters_;
        p.token = rng_.pick<std::uint32_t>({60, 100, 100, 200, 400, 1000}) + 10 * (count_ > 8 ? count_ : 0);
        token_ = p.token * kMillisecond;
        p.token_retransmit = std::max(4u, p.token * 10 / 42);
        p.hold = std::max(2u, p.token_retransmit * 8 / 10 - p.token / 100);
        p.join = std::max(5u, p.token / static_cast<std::uint32_t>(rng_.range(5, 20)));
        p.consensus = p.token * 12 / 10;
        p.merge = std::max(5u, p.token / 5);
        p.fail_recv_floor = p.token;
        if (rng_.chance(0.1)) p.token_warning = 75;
        if (rng_.chance(0.1)) p.send_join = static_cast<std::uint32_t>(rng_.range(1, p.join));
        if (rng_.chance(0.3)) p.seqno_unchanged_const = static_cast<std::uint32_t>(rng_.range(2, 10));
        if (rng_.chance(0.3)) p.miss_count_const = static_cast<std::uint32_t>(rng_.range(1, 4));
        if (rng_.chance(0.25))
            p.window_size = static_cast<std::uint32_t>(rng_.range(count_ < 4 ? 2 : std::min(count_, 50u), 50));
        if (rng_.chance(0.25)) p.max_messages = static_cast<std::uint32_t>(rng_.range(1, 30));
        if (rng_.chance(0.1)) p.fail_recv_const = static_cast<std::uint32_t>(rng_.range(10, 100));
        if (rng_.chance(0.1)) p.cancel_token_hold_on_retransmit = true;
        if (rng_.chance(0.05)) p.heartbeat_failures_allowed = 2, p.max_network_delay = p.token / 10;

        // A rotation must fit a token retransmit several times.
        out_.hop = token_ / static_cast<Time>(count_ * static_cast<std::uint64_t>(rng_.range(10, 40)));
        out_.jitter = rng_.chance(0.2) ? 0 : out_.hop * rng_.range(0, 100) / 200;
        out_.own_hop = rng_.chance(0.5) ? out_.hop : std::max<Time>(out_.hop / 50, 10 * kMicrosecond);
    }

    void choose_nodes() {
        std::vector<NodeId> ids(count_);
        const bool plain = rng_.chance(0.5);
        for (std::uint32_t i = 0; i < count_; ++i)
            ids[i] =
                plain ? i + 1 : static_cast<NodeId>(1 + i * 7 + rng_.below(7) + (rng_.chance(0.1) ? 0x7FFF0000u : 0));
        for (std::uint32_t i = count_; i > 1; --i)
            std::swap(ids[i - 1], ids[rng_.below(i)]);
        const bool mixed_orders = rng_.chance(0.3);
        const bool together = rng_.chance(0.6);
        const bool one_socket = rng_.chance(0.5);
        const bool busy = rng_.chance(0.1);
        const bool small_queues = rng_.chance(0.08);
        const bool odd_packets = rng_.chance(0.15);
        out_.equal_parameters = !rng_.chance(0.1);
        for (std::uint32_t i = 0; i < count_; ++i) {
            NodeSetup node;
            node.identity = identity(ids[i], i);
            if (mixed_orders && rng_.chance(0.5)) node.order = opposite(kNativeOrder);
            node.parameters = parameters_;
            if (!out_.equal_parameters) vary(node.parameters);
            node.one_socket = one_socket;
            node.loops_multicast = rng_.chance(0.03);
            node.probe_service = !rng_.chance(0.1);
            node.starts = together ? rng_.range(0, token_ / 10) : rng_.range(0, length_ / 2);
            node.clock_start = rng_.range(0, 1000) * kSecond + rng_.range(0, kSecond);
            if (rng_.chance(0.2)) node.drift_ppm = static_cast<std::int32_t>(rng_.range(-10000, 10000));
            if (busy) node.work_per_datagram = rng_.range(0, out_.hop / 8);
            node.packet_size = odd_packets ? rng_.pick<std::size_t>({300, 600, 1102, 1270, 1410, 8800}) : 1410;
            node.queue_capacity =
                small_queues ? static_cast<std::size_t>(rng_.range(40, 120)) : 4 * 1048576 / node.packet_size;
            out_.nodes.push_back(node);
        }
    }

    // From a stream of its own. Often all nodes are of our kind, sometimes only some are.
    void choose_paces() {
        Rng rng(out_.seed, 7);
        const bool ours = rng.chance(0.6), mixed = rng.chance(0.3);
        const std::uint32_t holds = rng.pick<std::uint32_t>({40, 60, 200, 2000});
        const bool accelerated = rng.chance(0.7) && out_.networks == 1;
        const bool adaptive_window = rng.chance(0.7) && out_.networks == 1, early_requests = rng.chance(0.7);
        const bool watch_processes = rng.chance(0.8);
        out_.tells_closed_ports = rng.chance(0.8);
        if (rng.chance(0.2)) out_.false_reports = 0.02;
        const bool hold_at_sender = rng.chance(0.7) && out_.networks == 1;
        for (NodeSetup& node : out_.nodes) {
            if (!ours || (mixed && rng.chance(0.3))) continue;
            node.pace = {accelerated, adaptive_window, early_requests, watch_processes, hold_at_sender};
            node.socket_holds = holds;
            // Neighbours may have switched other things off.
            if (mixed) node.pace.accelerated = accelerated && rng.chance(0.5);
        }
    }

    // From a stream of random numbers of its own. One node sends all the time, and the others hardly anything.
    void choose_stream() {
        Rng rng(out_.seed, 8);
        if (!rng.chance(0.15)) return;
        Action action;
        action.kind = Action::Kind::stream;
        action.at = rng.range(length_ / 10, length_ / 2);
        action.length = rng.range(200, 600) * kMillisecond;
        action.node = static_cast<NodeIndex>(rng.below(count_));
        out_.actions.push_back(action);
        if (rng.chance(0.7)) out_.traffic.interval = length_ / 2;
    }

    // From a stream of its own.
    void choose_votes() {
        Rng rng(out_.seed, 6);
        vote::Keys keys;
        keys.nodelist = vote::Keys::NodeList{};
        const bool equal = rng.chance(0.7);
        std::vector<std::uint32_t> votes(count_, 1);
        for (std::uint32_t& own : votes) {
            if (!equal) own = static_cast<std::uint32_t>(rng.range(0, 3));
            keys.nodelist->votes_sum += own;
            ++keys.nodelist->nodes;
        }
        keys.two_node = count_ == 2 && rng.chance(0.4);
        if (rng.chance(0.3)) keys.wait_for_all = rng.chance(0.8);
        keys.auto_tie_breaker = rng.chance(0.25);
        keys.auto_tie_breaker_node = rng.chance(0.5) ? "lowest" : "highest";
        keys.last_man_standing = rng.chance(0.15);
        keys.last_man_standing_window = parameters_.token * static_cast<std::uint32_t>(rng.range(1, 5));
        if (vote::read(keys).failure) keys.last_man_standing = false;
        for (std::uint32_t i = 0; i < count_; ++i) {
            out_.nodes[i].quorum = keys;
            out_.nodes[i].quorum.nodelist->own_votes = votes[i];
        }
    }

    Identity identity(NodeId id, std::uint32_t position) {
        if (out_.dialect == Dialect::v3) return Identity::v3(id);
        Identity self{id, {}};
        // Addresses decide the order in this dialect; it need not be that of the node ids.
        self.addr[0].nodeid = id;
        self.addr[0].family = NodeAddress::kIpv4;
        self.addr[0].bytes = {10, 77, 0, static_cast<std::uint8_t>(position + 1)};
        return self;
    }

    void vary(srp::Parameters& p) {
        if (rng_.chance(0.5)) p.max_messages = static_cast<std::uint32_t>(rng_.range(1, 30));
        if (rng_.chance(0.5)) p.window_size = static_cast<std::uint32_t>(rng_.range(10, 80));
        if (rng_.chance(0.5)) p.miss_count_const = static_cast<std::uint32_t>(rng_.range(1, 8));
        if (rng_.chance(0.3)) p.seqno_unchanged_const = static_cast<std::uint32_t>(rng_.range(2, 40));
    }

    void choose_traffic() {
        Traffic& traffic = out_.traffic;
        const std::int64_t per_node = rng_.range(10, 120) * 4 / std::max<std::int64_t>(4, count_);
        traffic.interval = length_ / std::max<std::int64_t>(2, per_node);
        traffic.groups = static_cast<std::uint32_t>(rng_.range(1, 4));
        traffic.clients_per_node = static_cast<std::uint32_t>(rng_.range(1, 3));
        const std::uint64_t roll = rng_.below(100);
        traffic.largest = roll < 70 ? 3000 : roll < 96 ? 20000 : count_ > 8 ? 50000 : roll < 99 ? 200000 : 1047552;
    }

    Time moment() { return rng_.range(length_ / 10, length_ - 1); }
    NodeIndex any_node() { return static_cast<NodeIndex>(rng_.below(count_)); }
    NodeSet everybody() const { return count_ == 64 ? ~NodeSet{0} : (NodeSet{1} << count_) - 1; }
    NodeSet some_nodes() {
        const NodeSet set = rng_.next() & everybody();
        return set != 0 && set != everybody() ? set : only(any_node());
    }
    // Mostly about as long as it takes a ring to break and form again.
    Time while_() { return rng_.chance(0.3) ? rng_.range(1, token_) : rng_.range(token_ / 2, token_ * 5); }

    void choose_faults() {
        const std::int64_t faults = rng_.range(0, count_ > 1 ? 7 : 2);
        for (std::int64_t i = 0; i < faults; ++i)
            add_fault();
        if (rng_.chance(0.3)) {
            LinkFault always{0, length_, everybody(), everybody(), 0, 0, 0, kAllTypes, 0, 0xFF};
            always.loss = rng_.chance(0.5) ? 0.01 : 0.05;
            always.duplicate = rng_.chance(0.5) ? 0.02 : 0;
            always.delay = rng_.chance(0.5) ? out_.hop * 3 : 0;
            out_.faults.push_back(always);
        }
    }

    void add_fault() {
        LinkFault fault;
        fault.begin = moment();
        fault.end = std::min(length_, fault.begin + while_());
        fault.from = rng_.chance(0.4) ? everybody() : some_nodes();
        fault.to = rng_.chance(0.4) ? everybody() : some_nodes();
        switch (rng_.below(9)) {
            case 0:  // partition
            case 1: {
                fault.from = some_nodes();
                fault.to = everybody() & ~fault.from;
                fault.loss = 1;
                std::swap(fault.from, fault.to);
                LinkFault back = fault;
                std::swap(back.from, back.to);
                out_.faults.push_back(back);
                break;
            }
            case 2:  // one way
                fault.from = some_nodes();
                fault.to = some_nodes() & ~fault.from;
                fault.loss = 1;
                break;
            case 3: {  // partial: two nodes do not hear each other, others hear both
                const NodeIndex a = any_node(), b = any_node();
                fault.from = fault.to = only(a) | only(b);
                fault.loss = 1;
                break;
            }
            case 4:
                fault.loss = static_cast<double>(rng_.range(2, 60)) / 100;
                break;
            case 5:
                fault.duplicate = static_cast<double>(rng_.range(5, 50)) / 100;
                break;
            case 6:
                fault.delay = rng_.chance(0.7) ? out_.hop * rng_.range(1, 8) : rng_.range(1, token_ * 2);
                break;
            case 7:
                fault.loss = rng_.chance(0.5) ? 1 : 0.5;
                fault.types =
                    rng_.pick<PacketTypes>({type_bit(PacketType::token), type_bit(PacketType::commit_token),
                                            type_bit(PacketType::mcast), type_bit(PacketType::join),
                                            type_bit(PacketType::merge_detect), type_bit(PacketType::hold_cancel)});
                break;
            default:
                fault.loss = 1;
                fault.larger_than = 300;
                break;
        }
        out_.faults.push_back(fault);
    }

    // From a stream of its own: what the seed says besides stays.
    void choose_networks() {
        Rng rng(out_.seed, 7);
        if (out_.dialect == Dialect::v3 || rng.chance(0.4)) return;
        out_.mode = rng.chance(0.5) ? rrp::Mode::passive : rrp::Mode::active;
        out_.redundancy.token_expired_timeout =
            rng.chance(0.5) ? parameters_.token_retransmit : std::max(2u, parameters_.token_retransmit / 4);
        out_.redundancy.problem_count_timeout = parameters_.token * static_cast<std::uint32_t>(rng.range(1, 4));
        out_.redundancy.problem_count_threshold = rng.pick<std::uint32_t>({2, 5, 10, 10});
        out_.redundancy.problem_count_mcast_threshold = rng.pick<std::uint32_t>({20, 100, 100});
        out_.redundancy.autorecovery_check_timeout = parameters_.token * static_cast<std::uint32_t>(rng.range(1, 3));
        if (rng.chance(0.1)) return;  // one network
        out_.networks = 2;
        for (NodeSetup& node : out_.nodes) {
            node.identity.addr[1] = node.identity.addr[0];
            node.identity.addr[1].bytes[1] = 78;
        }
        const std::int64_t faults = rng.range(0, 4);
        for (std::int64_t i = 0; i < faults; ++i)
            add_network_fault(rng);
        if (!rng.chance(0.15)) return;
        out_.dead = static_cast<unsigned>(rng.below(2));
        out_.dead_from = rng.range(0, length_);
    }

    // Of one network, mostly for as long as it takes to notice.
    void add_network_fault(Rng& rng) {
        LinkFault fault;
        fault.networks = static_cast<std::uint8_t>(1u << rng.below(2));
        fault.begin = rng.range(0, length_ - 1);
        fault.end = std::min(length_, fault.begin + rng.range(token_ / 2, token_ * 15));
        fault.from = fault.to = everybody();
        const auto some = [&] { return rng.next() & everybody(); };
        switch (rng.below(6)) {
            case 0:  // all of it
            case 1:
                fault.loss = 1;
                break;
            case 2:  // one node is cut off it
                fault.from = only(static_cast<NodeIndex>(rng.below(count_)));
                fault.loss = 1;
                out_.faults.push_back(fault);
                std::swap(fault.from, fault.to);
                break;
            case 3:  // one way
                fault.from = some();
                fault.to = everybody() & ~fault.from;
                fault.loss = 1;
                break;
            case 4:
                fault.loss = static_cast<double>(rng.range(2, 60)) / 100;
                if (rng.chance(0.3)) fault.types = type_bit(PacketType::mcast);
                break;
            default:
                fault.delay = rng.range(1, token_);
                break;
        }
        out_.faults.push_back(fault);
    }

    void choose_actions() {
        const std::int64_t actions = rng_.range(0, 6);
        for (std::int64_t i = 0; i < actions; ++i)
            add_action();
    }

    void add_action() {
        Action action;
        action.at = moment();
        action.node = any_node();
        const std::uint64_t roll = rng_.below(100);
        if (roll < 38) {
            add_crash(action);
        } else if (roll < 46) {
            action.kind = Action::Kind::leave;
            out_.actions.push_back(action);
            add_restart(action.node, action.at, false);
        } else if (roll < 64) {
            action.kind = Action::Kind::pause;
            action.length = rng_.chance(0.5) ? rng_.range(token_ / 4, token_) : rng_.range(token_, token_ * 4);
            out_.actions.push_back(action);
        } else if (roll < 70) {
            action.kind = Action::Kind::clock_jump;
            action.length = rng_.chance(0.5) ? rng_.range(1, token_ * 2) : rng_.range(1, 3600) * kSecond;
            out_.actions.push_back(action);
        } else if (roll < 73) {
            action.kind = Action::Kind::disk_failure;
            action.length = token_ * 2;
            out_.actions.push_back(action);
            add_restart(action.node, action.at + action.length, false);
        } else if (roll < 88) {
            action.kind = Action::Kind::junk;
            action.count = static_cast<std::uint32_t>(rng_.range(1, 8));
            action.junk = rng_.pick<Junk>(
                {Junk::noise, Junk::cut, Junk::other_dialect, Junk::other_cluster, Junk::old_packet, Junk::old_packet});
            out_.actions.push_back(action);
        } else {
            action.kind = roll < 91   ? Action::Kind::interface_changed
                          : roll < 94 ? Action::Kind::force_gather
                                      : Action::Kind::flood;
            out_.actions.push_back(action);
        }
    }

    void add_crash(Action crash) {
        crash.kind = Action::Kind::crash;
        crash.count = static_cast<std::uint32_t>(rng_.below(rng_.chance(0.5) ? 4 : 40));
        const bool forgets = rng_.chance(0.12);
        if (rng_.chance(0.6))
            crash.on_state = static_cast<std::uint8_t>(
                rng_.pick<srp::State>({srp::State::operational, srp::State::gather, srp::State::commit,
                                       srp::State::recovery, srp::State::recovery}));
        crash.flag = crash.on_state == 0 && rng_.chance(0.5);
        out_.actions.push_back(crash);
        // Make it likely that the awaited state comes: a membership change needs a cause.
        if (crash.on_state != 0 && rng_.chance(0.7)) {
            Action cause;
            cause.kind = rng_.chance(0.5) ? Action::Kind::interface_changed : Action::Kind::crash;
            cause.at = crash.at + 1;
            cause.node = any_node();
            out_.actions.push_back(cause);
            if (cause.kind == Action::Kind::crash) add_restart(cause.node, cause.at, false);
        }
        add_restart(crash.node, crash.at, forgets);
    }

    // A node that forgot its ring numbers stays away until nothing it sent is still under way.
    void add_restart(NodeIndex node, Time after, bool forgets) {
        Action restart;
        restart.kind = Action::Kind::restart;
        restart.node = node;
        restart.flag = forgets;
        restart.at = after + (rng_.chance(0.4) ? rng_.range(1, token_ / 2) : rng_.range(token_, token_ * 6));
        out_.actions.push_back(restart);
    }

    Time bound() const {
        const auto& p = parameters_;
        // The bound of I20 is for one merge. What was going on when calm came must end first, and many parts find each
        // other in several rounds; each may cost a consensus timeout.
        // A stranger's name (totem-srp.md section 27 quirk 16) costs one more until everybody has given it up.
        const bool strangers = std::ranges::any_of(out_.actions, [](const Action& action) {
            return action.kind == Action::Kind::junk && action.junk == Junk::other_cluster;
        });
        const Time rounds = (2 + (count_ + 3) / 8) * (strangers ? 2 : 1);
        // More than a hundred old messages may wait, which every member that has them sends again, and settings this
        // small let out few per rotation.
        const Time per_rotation = std::min(p.window_size, p.max_messages);
        const Time old = 160 * count_;
        const Time recovery = per_rotation < 10 ? old / per_rotation * count_ * (out_.hop + out_.jitter) : 0;
        // Until a dead network is marked, tokens are lost again and again.
        const Time marking = out_.dead ? 60 * token_ : 0;
        return rounds * (p.token + 2 * p.consensus + 2 * p.hold + p.merge) * kMillisecond + recovery + marking +
               kSecond;
    }

    Rng rng_;
    Scenario out_;
    std::uint32_t count_ = 1;
    srp::Parameters parameters_;
    Time token_ = 0, length_ = 0;
};

}  // namespace

Scenario make_scenario(std::uint64_t seed) {
    return Maker(seed).make();
}

}  // namespace totem::sim
