#include "engine/daemon/ring_log.hpp"

#include "engine/daemon/say.hpp"
#include "totem/crypto/suite.hpp"

namespace engine {

using totem::Dialect;
using totem::srp::GatherReason;
using totem::srp::State;

namespace {

constexpr totem::Duration kRepeatInterval = std::chrono::seconds(10);

long long milliseconds(totem::Duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

std::string node_list(std::string_view label, std::span<const totem::Identity> nodes) {
    if (nodes.empty()) return {};
    std::string out = fmt::format(" {}:", label);
    for (const totem::Identity& node : nodes)
        out += fmt::format(" {}", node.nodeid);
    return out;
}

RingLog::RingLog(LogSink& log, Dialect dialect, const totem::srp::Parameters& parameters, Hooks hooks)
    : log_(log), dialect_(dialect), parameters_(parameters), hooks_(std::move(hooks)), filter_(kRepeatInterval) {}

void RingLog::parameters(const totem::srp::Parameters& p, std::size_t mtu) {
    parameters_ = p;
    auto debug = [this]<typename... Args>(fmt::format_string<Args...> format, Args&&... args) {
        say(log_, LogLevel::debug, kTotem, format, std::forward<Args>(args)...);
    };
    debug("Token Timeout ({} ms) retransmit timeout ({} ms)", p.token, p.token_retransmit);
    if (dialect_ == Dialect::v3) {
        if (p.token_warning > 0) {
            debug("Token warning every {} ms ({}% of Token Timeout)", p.token_warning * p.token / 100, p.token_warning);
        } else {
            debug("Token warnings disabled");
        }
    }
    debug("token hold ({} ms) retransmits before loss ({} retrans)", p.hold, p.token_retransmits_before_loss_const);
    debug("join ({} ms) send_join ({} ms) consensus ({} ms) merge ({} ms)", p.join, p.send_join, p.consensus, p.merge);
    debug("downcheck ({} ms) fail to recv const ({} msgs)", p.downcheck, p.fail_recv_const);
    debug("seqno unchanged const ({} rotations) Maximum network MTU {}", p.seqno_unchanged_const, mtu);
    debug("window size per rotation ({} messages) maximum messages per rotation ({} messages)", p.window_size,
          p.max_messages);
    debug("missed count const ({} messages)", p.miss_count_const);
    debug("heartbeat_failures_allowed ({})", p.heartbeat_failures_allowed);
    debug("max_network_delay ({} ms)", p.max_network_delay);
    if (p.heartbeat_failures_allowed == 0) {
        debug("HeartBeat is Disabled. To enable set heartbeat_failures_allowed > 0");
    }
}

void RingLog::redundancy(totem::rrp::Mode mode, const totem::rrp::Parameters& p) {
    say(log_, LogLevel::debug, kTotem, "RRP token expired timeout ({} ms)", p.token_expired_timeout);
    say(log_, LogLevel::debug, kTotem, "RRP token problem counter ({} ms)", p.problem_count_timeout);
    say(log_, LogLevel::debug, kTotem, "RRP threshold ({} problem count)", p.problem_count_threshold);
    say(log_, LogLevel::debug, kTotem, "RRP multicast threshold ({} problem count)", p.problem_count_mcast_threshold);
    say(log_, LogLevel::debug, kTotem, "RRP automatic recovery check timeout ({} ms)", p.autorecovery_check_timeout);
    say(log_, LogLevel::debug, kTotem, "RRP mode set to {}.", totem::rrp::name_of(mode));
}

void RingLog::network_status(unsigned network, const totem::rrp::Status& status, std::string_view interface) {
    const LogLevel level = status.faulty() ? LogLevel::error : LogLevel::warning;
    say(log_, level, kTotem, "{}", describe(status, network, interface));
}

void RingLog::ring_test_received(const totem::wire::RingTest&) {
    say(log_, LogLevel::debug, kTotem, "received message requesting test of ring now active");
}

void RingLog::ring_test_activated(const totem::wire::RingTest& test, bool recovered) {
    say(log_, LogLevel::debug, kTotem, "Received ring test activate message for ring {} sent by node {}",
        test.ring_number, test.activator);
    if (recovered) say(log_, LogLevel::notice, kTotem, "Automatically recovered ring {}", test.ring_number);
}

void RingLog::state_entered(State state) {
    if (state == State::gather) return;  // told with its reason
    say(log_, LogLevel::debug, kTotem, "entering {} state.", describe(state));
}

void RingLog::gather_entered(GatherReason reason) {
    say(log_, LogLevel::debug, kTotem, "entering GATHER state from {}({}).", static_cast<unsigned>(reason),
        describe(reason));
}

void RingLog::token_lost(State state, totem::Duration) {
    if (state != State::operational) return;
    say(log_, LogLevel::notice, kTotem,
        "A processor failed, forming new configuration: token timed out ({}ms), waiting {}ms for consensus.",
        parameters_.token, parameters_.consensus);
    if (hooks_.token_lost) hooks_.token_lost();
}

void RingLog::token_warning(totem::Duration elapsed) {
    say(log_, LogLevel::notice, kTotem, "Token has not been received in {} ms", milliseconds(elapsed));
}

void RingLog::membership_formed(const totem::RingId& ring, std::span<const totem::Identity>,
                                std::span<const totem::Identity> joined, std::span<const totem::Identity> left,
                                std::span<const totem::Identity> left_without_leave_message) {
    say(log_, LogLevel::notice, kTotem, "A new membership ({}) was formed. Members{}{}", ring.text(dialect_),
        node_list("joined", joined), node_list("left", left));
    if (!left_without_leave_message.empty()) {
        say(log_, LogLevel::notice, kTotem, "Failed to receive the leave message.{}",
            node_list("failed", left_without_leave_message));
    }
}

void RingLog::leave_received(const totem::Identity& leaver) {
    say(log_, LogLevel::debug, kTotem, "Received LEAVE message from {}",
        dialect_ == Dialect::v3 ? std::to_string(leaver.nodeid) : leaver.text());
}

void RingLog::retransmit_list(std::span<const totem::wire::RtrItem> items) {
    if (items.empty() || !log_.wanted(LogLevel::notice, kTotem)) return;
    std::string text = "Retransmit List:";
    for (const totem::wire::RtrItem& item : items)
        text += fmt::format(" {:x}", item.seq);
    log_.write(LogLevel::notice, kTotem, text);
}

void RingLog::failed_to_receive() {
    say(log_, LogLevel::error, kTotem, "FAILED TO RECEIVE");
}

void RingLog::pause_detected(totem::Duration pause) {
    say(log_, LogLevel::notice, kTotem, "Process pause detected for {} ms, flushing membership messages.",
        milliseconds(pause));
}

void RingLog::forced_gather() {
    say(log_, LogLevel::error, kTotem, "Forcing into GATHER state");
}

void RingLog::saved_old_state(std::uint32_t aru, std::uint32_t high_seq) {
    say(log_, LogLevel::debug, kTotem, "keeping old ring: aru {:x} high seq received {:x}", aru, high_seq);
}

void RingLog::commit_token_created() {
    say(log_, LogLevel::debug, kTotem, "Creating commit token because I am the rep.");
}

void RingLog::commit_token_received() {
    say(log_, LogLevel::debug, kTotem, "got commit token");
}
void RingLog::initial_token_sent() {
    say(log_, LogLevel::debug, kTotem, "Sending initial ORF token");
}

void RingLog::recovery_member(std::size_t position, const totem::Identity& member,
                              const totem::wire::CommitEntry& entry) {
    say(log_, LogLevel::debug, kTotem, "position [{}] member {}:", position, member.text());
    if (dialect_ == Dialect::v3) {
        say(log_, LogLevel::debug, kTotem, "previous ringid ({:x}.{:x})", entry.ring.rep.nodeid, entry.ring.seq);
    } else {
        say(log_, LogLevel::debug, kTotem, "previous ring seq {:x} rep {}", entry.ring.seq, entry.ring.rep.text());
    }
    say(log_, LogLevel::debug, kTotem, "aru {:x} high delivered {:x} received flag {}", entry.aru, entry.high_delivered,
        entry.received_flg);
}

void RingLog::recovery_originated(std::uint32_t low, std::uint32_t high, std::size_t count) {
    if (count == 0) {
        say(log_, LogLevel::debug, kTotem, "Did not need to originate any messages in recovery.");
        return;
    }
    say(log_, LogLevel::debug, kTotem, "copying all old ring messages from {:x}-{:x}.", low, high);
    say(log_, LogLevel::debug, kTotem, "Originated {} messages in RECOVERY.", count);
}

void RingLog::fatal(std::string_view what) {
    if (hooks_.fatal) hooks_.fatal(what);
}

}  // namespace engine
