// The input is a sequence of executive messages, client calls and synchronisation hooks for one CPG
// service on node 1. Messages are raw bytes or well-formed ones with a bent field.

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

#include "engine/services/cpg/cpg_service.hpp"
#include "engine/services/cpg/messages.hpp"
#include "tests/fuzz/input.hpp"

using namespace engine;
using namespace engine::cpg;
using totem::fuzz::Input, totem::fuzz::touch;

namespace {

constexpr std::size_t kMaxEvents = 2000;
constexpr NodeId kSelf = 1;
using Buffer = std::vector<std::uint8_t>;

// Keeps the last messages, so that the input can have them delivered to us.
class Sender final : public ExecSender {
public:
    struct Sent {
        std::uint32_t function;
        Buffer message;
    };
    explicit Sender(totem::Dialect dialect, ByteOrder order) : dialect_(dialect), order_(order) {}

    bool multicast(std::uint32_t service, std::uint32_t function, std::span<const Bytes> body) override {
        FUZZ_CHECK(service == kCpgService && function < kFunctionCount);
        if (full) return false;
        Buffer message(kExecHeaderSize);
        for (const Bytes chunk : body)
            message.insert(message.end(), chunk.begin(), chunk.end());
        totem::Writer size(totem::MutableBytes(message).subspan(8), order_);
        size.u32(static_cast<std::uint32_t>(message.size()));
        sent.push_back({function, std::move(message)});
        if (sent.size() > 64) sent.pop_front();
        return true;
    }
    NodeId local_node() const override { return kSelf; }
    ByteOrder order() const override { return order_; }
    totem::Dialect dialect() const override { return dialect_; }

    bool full = false;
    std::deque<Sent> sent;

private:
    totem::Dialect dialect_;
    ByteOrder order_;
};

// What every client is promised.
class Clients final : public CpgClients {
public:
    void confchg(ConnectionId, const GroupName& group, std::span<const Address> members, std::span<const Address> left,
                 std::span<const Address> joined) override {
        FUZZ_CHECK(group.bytes.size() <= kMaxGroupNameLength);
        FUZZ_CHECK(members.size() <= kMaxListed && left.size() <= kMaxListed && joined.size() <= kMaxListed);
    }
    void deliver(ConnectionId, const GroupName&, NodeId, std::uint32_t, Bytes data) override { touch(data); }
    void partial_deliver(ConnectionId, const GroupName&, NodeId, std::uint32_t, std::uint32_t, std::uint32_t,
                         Bytes fragment) override {
        touch(fragment);
    }
    void totem_confchg(ConnectionId, NodeId, std::uint64_t, std::span<const NodeId> members) override {
        FUZZ_CHECK(members.size() <= totem::kMaxNodes);
    }
};

class Session {
public:
    explicit Session(Input& input)
        : in_(input),
          order_(in_.order()),
          sender_(in_.flag() ? totem::Dialect::v2 : totem::Dialect::v3, order_),
          service_(sender_, clients_) {}

    void run() {
        for (std::size_t i = 0; i < kMaxEvents && !in_.done(); ++i)
            event();
    }

private:
    void event() {
        switch (in_.below(15)) {
            case 0:
                return raw();
            case 1:
                return bent();
            case 2:
                return own();
            case 3:
                return service_.connected(connection());
            case 4:
                return service_.disconnected(connection());
            case 5: {
                const ConnectionId id = connection();
                const GroupName group = name();
                (void)service_.join(id, group, in_.below(4), in_.u8());
                return;
            }
            case 6:
                (void)service_.leave(connection());
                return;
            case 7: {
                const ConnectionId id = connection();
                (void)service_.mcast(id, in_.bytes());
                return;
            }
            case 8: {
                const ConnectionId id = connection();
                const std::uint32_t length = in_.u16(), type = in_.below(4);
                (void)service_.partial_mcast(id, length, type, in_.bytes());
                return;
            }
            case 9:
                (void)service_.finalize(connection());
                return;
            case 10:
                return synchronise();
            case 11:
                sender_.full = !sender_.full;
                return;
            case 12:
                FUZZ_CHECK(service_.membership(name()).size() <= kMaxMembership);
                return;
            case 13: {
                const std::uint32_t type = in_.below(5);
                (void)service_.snapshot(type, name());
                return;
            }
            default:
                return joinlist();
        }
    }

    ConnectionId connection() { return in_.below(6); }
    NodeId node() { return in_.below(5); }
    GroupName name() {
        const std::uint32_t choice = in_.below(6);
        if (choice < 3) return {std::string(1, static_cast<char>('a' + choice))};
        if (choice == 3) return {};
        return {std::string(choice == 4 ? 128 : 129, 'x')};
    }

    // The first bytes are the header's size field and whatever follows; nothing is right by design.
    void raw() {
        const std::uint32_t function = in_.u8();
        const NodeId from = node();
        const ByteOrder order = in_.order();
        const Bytes bytes = in_.bytes();
        service_.on_exec(function, from, order, bytes);
    }

    // A message the service itself would send, with one field changed and perhaps cut.
    void bent() {
        const GroupName group = name();
        const std::string_view bounded = std::string_view(group.bytes).substr(0, kMaxGroupNameLength);
        const std::uint32_t pid = in_.below(4);
        const std::uint8_t kind = static_cast<std::uint8_t>(in_.below(4));
        Buffer message(kExecHeaderSize);
        const auto append = [&](Bytes bytes) { message.insert(message.end(), bytes.begin(), bytes.end()); };
        std::uint32_t function = kind;
        if (kind < 2) {
            append(encode(ProcessMessage{bounded, pid, in_.below(8)}, order_));
        } else if (kind == 2) {
            function = kMcast;
            const Bytes data = in_.bytes();
            append(encode_head(McastMessage{bounded, pid, 0, data}, kSelf, order_));
            append(data);
        } else {
            function = kPartialMcast;
            const std::uint32_t total = in_.u16(), type = in_.below(4);
            const Bytes data = in_.bytes();
            append(encode_head(PartialMessage{bounded, pid, total, type, 0, data}, kSelf, order_));
            append(data);
        }
        finish(function, std::move(message));
    }

    void joinlist() {
        std::vector<Process> processes;
        const std::uint32_t count = in_.below(8);
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::uint32_t pid = in_.below(4);
            GroupName group = name();
            group.bytes.resize(std::min(group.bytes.size(), kMaxGroupNameLength));
            processes.push_back({0, pid, group});
        }
        Buffer message(kExecHeaderSize);
        const std::vector<std::uint8_t> body = encode_joinlist(processes, order_);
        message.insert(message.end(), body.begin(), body.end());
        finish(kJoinList, std::move(message));
    }

    void finish(std::uint32_t function, Buffer message) {
        totem::Writer(totem::MutableBytes(message).subspan(8), order_).u32(static_cast<std::uint32_t>(message.size()));
        if (in_.flag()) {
            const std::size_t at = in_.u16() % message.size();
            message[at] = in_.u8();
        }
        if (in_.flag()) message.resize(in_.u16() % (message.size() + 1));
        service_.on_exec(function, node(), order_, message);
    }

    // One of our own messages comes back in total order.
    void own() {
        if (sender_.sent.empty()) return;
        const Sender::Sent sent = sender_.sent[in_.u8() % sender_.sent.size()];
        service_.on_exec(sent.function, kSelf, order_, sent.message);
    }

    // The synchroniser's promise: init, then process until done, then activate or abort.
    void synchronise() {
        totem::sync::Participant* participant = service_.participant();
        FUZZ_CHECK(participant != nullptr);
        switch (in_.below(4)) {
            case 0: {
                const std::vector<NodeId> members = nodes(), transitional = nodes();
                totem::RingId ring;
                ring.rep.nodeid = members.front();
                ring.seq = ++ring_seq_;
                participant->sync_init(transitional, members, ring);
                initialised_ = true;
                return;
            }
            case 1:
                if (initialised_) (void)participant->sync_process({});
                return;
            case 2:
                if (initialised_) participant->sync_activate({});
                initialised_ = false;
                return;
            default:
                if (initialised_) participant->sync_abort();
                initialised_ = false;
        }
    }
    std::vector<NodeId> nodes() {
        std::vector<NodeId> out{kSelf};
        const std::uint8_t mask = in_.u8();
        for (NodeId id = 2; id < 6; ++id) {
            if ((mask >> id) & 1) out.push_back(id);
        }
        return out;
    }

    Input& in_;
    ByteOrder order_;
    Sender sender_;
    Clients clients_;
    CpgService service_;
    std::uint64_t ring_seq_ = 0;
    bool initialised_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    Session(input).run();
    return 0;
}
