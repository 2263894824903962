// The input is a sequence of events for the ring of one node (ring_world.hpp): packets of its peers that
// fit the current state or nearly so, packets of its own coming back bent, raw datagrams, time,
// and calls from above.

#include "tests/fuzz/input.hpp"
#include "tests/fuzz/ring_world.hpp"

using namespace totem;
using namespace totem::fuzz;

namespace {

constexpr std::size_t kMaxEvents = 1000;

class Session {
public:
    explicit Session(Input& input) : in_(input), world_(options()) {}

    void run() {
        for (std::size_t i = 0; i < kMaxEvents && !in_.done(); ++i) {
            event();
            world_.check();
        }
    }

private:
    WorldOptions options() {
        WorldOptions out;
        out.dialect = in_.flag() ? Dialect::v2 : Dialect::v3;
        const std::uint8_t bits = in_.u8();
        if (bits & 1) out.order = opposite(kNativeOrder);
        if (bits & 2) out.self = 3;  // not the representative of most rings
        out.nervous = (bits & 4) != 0;
        out.disk_breaks = (bits & 8) != 0;
        return out;
    }

    void event() {
        switch (in_.below(16)) {
            case 0:
            case 1:
                return world_.advance(std::chrono::milliseconds(in_.u8()));
            case 2:
                return world_.advance(std::chrono::milliseconds(in_.u16() % 8000));
            case 3:
                return join();
            case 4:
                return pass_on_token();
            case 5:
                return pass_on_commit_token();
            case 6:
                return mcast();
            case 7:
                return recovery_mcast();
            case 8:
                return token();
            case 9:
                return merge_detect();
            case 10:
                return hold_cancel();
            case 11:
                return own();
            case 12:
                return world_.receive(in_.bytes());
            case 13: {
                const std::size_t size = in_.u16() % 1400;
                return world_.submit(size, in_.u8());
            }
            case 14:
                return from_above();
            default:
                return commit_token();
        }
    }

    NodeId peer() {
        const NodeId id = 1 + in_.below(World::kLast - 1);
        return id < world_.self() ? id : id + 1;
    }
    Identity identity(NodeId id) const { return node(world_.codec().dialect(), id); }
    wire::Header header(wire::PacketType type, NodeId from) const {
        return {.type = type, .encapsulated = 0, .nodeid = from, .target_nodeid = 0, .order = world_.order()};
    }
    // The ring's current id, mostly.
    RingId ring_id() {
        RingId ring = world_.ring().ring_id();
        switch (in_.below(8)) {
            case 0:
                ring.seq += in_.step();
                break;
            case 1:
                ring = world_.last_operational();
                break;
            case 2:
                ring.rep = identity(peer()).addr[0];
                break;
            default:
                break;
        }
        if (ring.rep.nodeid == 0) ring.rep.nodeid = world_.self();
        if (ring.rep.family == 0) ring.rep.family = world_.codec().dialect() == Dialect::v2 ? 2 : 0;
        return ring;
    }

    template <typename Packet>
    void send(const Packet& packet) {
        Buffer bytes(20000);
        bytes.resize(world_.codec().encode(packet, bytes));
        if (bytes.empty()) return;
        send_bytes(std::move(bytes));
    }
    void send_bytes(Buffer bytes) {
        switch (in_.below(8)) {
            case 0:
                bytes[in_.u16() % bytes.size()] = in_.u8();
                break;
            case 1:
                bytes.resize(in_.u16() % (bytes.size() + 1));
                break;
            default:
                break;
        }
        world_.receive(bytes);
    }

    void join() {
        wire::Join join;
        const NodeId from = peer();
        join.header = header(wire::PacketType::join, from);
        join.system_from = identity(from);
        const std::uint8_t proc = in_.u8(), failed = in_.u8();
        for (NodeId id = 1; id <= World::kLast; ++id) {
            // The sender knows itself and us, unless the input says otherwise.
            if (((proc >> id) & 1) != 0 || ((id == from || id == world_.self()) && (proc & 1) == 0)) {
                join.proc_list.push_back(identity(id));
            }
            if (((failed >> id) & 1) != 0) join.failed_list.push_back(identity(id));
        }
        join.ring_seq = world_.ring().ring_id().seq;
        if ((failed & 0x80) != 0) join.ring_seq += in_.step();
        if ((failed & 0x40) != 0) join.header.nodeid = 0;  // leaves
        send(join);
    }

    void pass_on_token() {
        auto token = world_.next_token();
        if (!token) return;
        token->header.nodeid = peer();
        const std::uint8_t bent = in_.u8();
        if (bent & 1) token->seq += in_.step();
        if (bent & 2) token->aru += in_.step();
        if (bent & 4) token->aru_addr = in_.below(5);
        if (bent & 8) token->retrans_flg = static_cast<std::int32_t>(in_.below(3));
        if (bent & 16) token->token_seq += in_.step();
        if (bent & 32) token->fcc += in_.step();
        if (bent & 64) token->backlog += in_.step();
        if (bent & 128) requests(*token);
        send(*token);
    }
    void requests(wire::Token& token) {
        token.rtr_count = in_.below(kMaxRtrEntries + 1);
        for (std::uint32_t i = 0; i < token.rtr_count; ++i)
            token.rtr[i] = {ring_id(), token.seq + in_.step()};
    }

    void pass_on_commit_token() {
        auto commit = world_.next_commit_token();
        if (!commit) return;
        commit->header.nodeid = peer();
        const std::uint8_t bent = in_.u8();
        if (bent & 1) commit->memb_index += static_cast<std::int32_t>(in_.step());
        if (bent & 2) commit->token_seq += in_.step();
        for (wire::CommitEntry& entry : commit->entries) {
            if (bent & 4) entry.aru += in_.step();
            if (bent & 8) entry.high_delivered += in_.step();
            if (bent & 16) entry.received_flg = in_.below(3);
            if (bent & 32) entry.ring = ring_id();
        }
        send(*commit);
    }

    // A commit token of somebody else's making.
    void commit_token() {
        wire::CommitToken commit;
        const NodeId from = peer();
        commit.header = header(wire::PacketType::commit_token, from);
        const std::uint8_t members = in_.u8();
        for (NodeId id = 1; id <= World::kLast; ++id) {
            if (id == world_.self() || ((members >> id) & 1) != 0) commit.members.push_back(identity(id));
        }
        if (members & 1) std::swap(commit.members.front(), commit.members.back());
        commit.ring.rep = commit.members.front().addr[0];
        commit.ring.rep.nodeid = commit.members.front().nodeid;
        commit.ring.seq = world_.ring().ring_id().seq + 4 + in_.step();
        commit.entries.resize(commit.members.size());
        for (wire::CommitEntry& entry : commit.entries) {
            if (!in_.flag()) continue;
            entry.ring = ring_id();
            entry.aru = in_.step();
            entry.high_delivered = in_.step();
            entry.received_flg = in_.below(3);
        }
        commit.memb_index = static_cast<std::int32_t>(in_.below(6));
        send(commit);
    }

    wire::Mcast message(NodeId from, const RingId& ring, std::uint32_t seq, Bytes payload) const {
        wire::Mcast mcast;
        mcast.header = header(wire::PacketType::mcast, from);
        mcast.header.encapsulated = 2;
        mcast.system_from = identity(from);
        mcast.seq = seq;
        mcast.ring = ring;
        mcast.payload = payload;
        return mcast;
    }
    std::uint32_t near_token_seq() {
        const auto& token = world_.last_token();
        return (token ? token->seq : 0) + in_.step();
    }

    void mcast() {
        const NodeId from = peer();
        const RingId ring = ring_id();
        const std::uint32_t seq = near_token_seq();
        send(message(from, ring, seq, in_.bytes()));
    }

    void recovery_mcast() {
        const NodeId from = peer(), origin = 1 + in_.below(World::kLast);
        const RingId old = in_.below(4) == 0 ? ring_id() : world_.last_operational();
        const std::uint32_t old_seq = in_.u8();
        Buffer inner(4000);
        inner.resize(world_.codec().encode(message(origin, old, old_seq, in_.bytes()), inner));
        if (inner.empty()) return;
        if (in_.below(8) == 0) inner.resize(in_.u16() % (inner.size() + 1));
        wire::Mcast outer = message(from, ring_id(), 1 + in_.below(8), inner);
        outer.header.encapsulated = in_.below(8) == 0 ? in_.u8() : 1;
        send(outer);
    }

    void token() {
        wire::Token token;
        token.header = header(wire::PacketType::token, peer());
        token.ring = ring_id();
        token.token_seq = in_.u8();
        token.seq = near_token_seq();
        token.aru = token.seq + in_.step();
        token.aru_addr = in_.below(5);
        token.backlog = in_.step();
        token.fcc = in_.step();
        token.retrans_flg = static_cast<std::int32_t>(in_.below(3));
        if (in_.flag()) requests(token);
        if (in_.below(16) == 0) token.seq = in_.u32();
        send(token);
    }

    void merge_detect() {
        wire::MergeDetect merge;
        const NodeId from = peer();
        merge.header = header(wire::PacketType::merge_detect, from);
        merge.system_from = identity(from);
        merge.ring = ring_id();
        send(merge);
    }

    void hold_cancel() {
        wire::HoldCancel cancel;
        cancel.header = header(wire::PacketType::hold_cancel, peer());
        cancel.ring = ring_id();
        send(cancel);
    }

    void own() {
        if (world_.sent().empty()) return;
        send_bytes(world_.sent()[in_.u8() % world_.sent().size()].packet);
    }

    void from_above() {
        switch (in_.below(16)) {
            case 0:
                return world_.ring().request_token(world_.now());
            case 1:
                return world_.ring().synchronized();
            case 2:
                return world_.ring().force_gather(world_.now());
            case 3:
                return world_.ring().interface_changed(world_.now());
            case 4:
                return world_.ring().clear_statistics();
            case 5:
                if (in_.u8() == 0) world_.ring().leave(world_.now());
                return;
            case 6:
                return world_.pause(std::chrono::milliseconds(in_.u16()));
            default:
                for (std::uint32_t count = in_.below(80); count > 0; --count)
                    world_.submit(100, 0x55);
        }
    }

    Input& in_;
    World world_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    Session(input).run();
    return 0;
}
