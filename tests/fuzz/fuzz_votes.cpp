// The input is the options of a node's votes, then a sequence of executive messages, synchronisation hooks, timers,
// configuration changes and requests of clients for the quorum and votequorum services.

#include "engine/ipc/quorum_frontend.hpp"
#include "engine/ipc/votequorum_frontend.hpp"
#include "tests/fuzz/exec_sender.hpp"
#include "tests/fuzz/ipc_clients.hpp"

using namespace engine;
using namespace totem::fuzz;
using totem::Instant;

namespace {

constexpr std::size_t kMaxEvents = 2000;

class Session final : quorum::QuorumEvents, votequorum::VotequorumHost {
public:
    explicit Session(Input& input)
        : in_(input),
          order_(in_.order()),
          dialect_(in_.flag() ? totem::Dialect::v2 : totem::Dialect::v3),
          sender_(kVotequorumService, vote::kFunctionCount, dialect_, order_),
          quorum_(dialect_, true, *this),
          votes_(sender_, quorum_, *this, reading(), in_.below(8)),
          quorum_clients_(quorum_frontend_),
          vote_clients_(vote_frontend_) {
        votes_.start();
    }

    void run() {
        for (std::size_t i = 0; i < kMaxEvents && !in_.done(); ++i) {
            event();
            const vote::Machine& machine = votes_.machine();
            FUZZ_CHECK(machine.nodes().contains(RecordingSender::kSelf));
            FUZZ_CHECK(machine.device_name().size() <= vote::kMaxDeviceName);
            FUZZ_CHECK(machine.nodes().size() <= 6);  // those who spoke or synchronised
        }
    }

private:
    void event() {
        switch (in_.below(12)) {
            case 0:
                return RecordingSender::deliver_raw(votes_, in_);
            case 1:
                return bent();
            case 2:
                return sender_.deliver_own(votes_, in_);
            case 3:
                return quorum_clients_.connect_or_leave(in_);
            case 4:
                return vote_clients_.connect_or_leave(in_);
            case 5:
                return quorum_clients_.request(in_);
            case 6:
            case 7:
                return vote_clients_.request(in_);
            case 8: {
                // Both take part in each synchronisation.
                Input same = in_;
                votes_sync_.step(votes_, in_, now_);
                return quorum_sync_.step(quorum_, same, now_);
            }
            case 9:
                sender_.full = !sender_.full;
                return;
            case 10:
                now_ += std::chrono::milliseconds(in_.u16());
                if (votes_.next_timeout() <= now_) votes_.on_timeout();
                return;
            default:
                return in_.flag() ? votes_.configure(keys()) : votes_.cancel_wait_for_all();
        }
    }

    void bent() {
        vote::Message message;
        switch (in_.below(4)) {
            case 0:
                message = vote::NodeInfo{in_.below(5), in_.u32(), in_.u32(), in_.u32()};
                break;
            case 1:
                message = vote::Reconfigure{in_.below(5), in_.u32(), in_.u8()};
                break;
            case 2:
                message = vote::DeviceOperation{in_.below(3), name()};
                break;
            default:
                message = vote::DeviceRename{name(), name()};
        }
        sender_.deliver_bent(votes_, in_, vote::function_of(message), vote::encode(message, order_));
    }
    std::string name() {
        const totem::Bytes bytes = in_.bytes();
        return {bytes.begin(), bytes.end()};
    }

    vote::Keys keys() {
        vote::Keys keys;
        const std::uint32_t options = in_.u16();
        const auto has = [&](unsigned bit) { return ((options >> bit) & 1) != 0; };
        if (has(0)) keys.nodelist = {in_.u8(), in_.below(8), in_.u8()};
        if (has(1)) keys.expected_votes = in_.u8();
        if (has(2)) keys.votes = in_.u8();
        if (has(3)) keys.wait_for_all = has(4);
        keys.two_node = has(5);
        keys.last_man_standing = has(6);
        keys.last_man_standing_window = in_.u16();
        keys.auto_tie_breaker = has(7);
        if (has(8)) keys.auto_tie_breaker_node = has(9) ? "highest" : name();
        keys.allow_downscale = has(10);
        keys.expected_votes_tracking = has(11);
        if (has(12)) keys.device_model = "net";
        if (has(13)) keys.device_votes = in_.u8();
        return keys;
    }
    // What the daemon would not start with is replaced by the defaults.
    vote::Reading reading() {
        auto wanted = vote::read(keys());
        if (!wanted.failure) return wanted;
        vote::Keys plain;
        plain.expected_votes = 3;
        return vote::read(plain);
    }

    void sync_lists(std::span<const NodeId>, std::span<const NodeId>, std::span<const NodeId>) override {}
    void quorum_reported(bool, bool, std::span<const NodeId> members) override {
        FUZZ_CHECK(members.size() <= totem::kMaxNodes);
    }
    Instant now() override { return now_; }
    bool wants(vote::Level) const override { return true; }
    void log(vote::Level, std::string_view text) override { FUZZ_CHECK(text.size() < 2000); }

    Input& in_;
    const totem::ByteOrder order_;
    const totem::Dialect dialect_;
    Instant now_{};
    RecordingSender sender_;
    quorum::QuorumService quorum_;
    votequorum::VotequorumService votes_;
    ipc::QuorumFrontend quorum_frontend_{quorum_};
    ipc::VotequorumFrontend vote_frontend_{votes_};
    Clients quorum_clients_, vote_clients_;
    Synchronisation votes_sync_, quorum_sync_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    Session(input).run();
    return 0;
}
