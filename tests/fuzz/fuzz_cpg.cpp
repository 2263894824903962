// The input is a sequence of executive messages, client calls and synchronisation hooks for one CPG
// service on node 1. Messages are raw bytes or well-formed ones with a bent field.

#include <algorithm>
#include <array>
#include <vector>

#include "engine/services/cpg/cpg_service.hpp"
#include "engine/services/cpg/messages.hpp"
#include "tests/fuzz/exec_sender.hpp"
#include "tests/fuzz/input.hpp"

using namespace engine;
using namespace engine::cpg;
using namespace totem::fuzz;

namespace {

constexpr std::size_t kMaxEvents = 2000;
constexpr NodeId kSelf = RecordingSender::kSelf;

// What every client is promised.
class Promises final : public CpgClients {
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
          sender_(kCpgService, kFunctionCount, in_.flag() ? totem::Dialect::v2 : totem::Dialect::v3, order_),
          service_(sender_, clients_) {}

    void run() {
        for (std::size_t i = 0; i < kMaxEvents && !in_.done(); ++i)
            event();
    }

private:
    void event() {
        switch (in_.below(15)) {
            case 0:
                return RecordingSender::deliver_raw(service_, in_);
            case 1:
                return bent();
            case 2:
                return sender_.deliver_own(service_, in_);
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
                return sync_.step(service_, in_, {});
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

    // A message the service itself would send, with one field changed and perhaps cut.
    void bent() {
        const GroupName group = name();
        const std::string_view bounded = std::string_view(group.bytes).substr(0, kMaxGroupNameLength);
        const std::uint32_t pid = in_.below(4);
        const std::uint8_t kind = static_cast<std::uint8_t>(in_.below(4));
        Buffer body;
        const auto append = [&](Bytes bytes) { body.insert(body.end(), bytes.begin(), bytes.end()); };
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
        sender_.deliver_bent(service_, in_, function, body);
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
        sender_.deliver_bent(service_, in_, kJoinList, encode_joinlist(processes, order_));
    }

    Input& in_;
    ByteOrder order_;
    RecordingSender sender_;
    Promises clients_;
    CpgService service_;
    Synchronisation sync_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    Session(input).run();
    return 0;
}
