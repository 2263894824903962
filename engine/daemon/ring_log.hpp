#pragma once
// What the ring has to tell an administrator, in the words he greps for.
// Spec totem-srp.md section 26, totem-wire.md section 12.

#include <functional>
#include <string>

#include "engine/daemon/log_sink.hpp"
#include "engine/daemon/repeat_filter.hpp"
#include "totem/net/transport.hpp"
#include "totem/rrp/parameters.hpp"
#include "totem/rrp/status.hpp"
#include "totem/srp/interfaces.hpp"
#include "totem/srp/parameters.hpp"

namespace engine {

class RingLog final : public totem::srp::Observer {
public:
    struct Hooks {
        std::function<void()> token_lost;                  // in the operational state
        std::function<void(std::string_view)> fatal;       // the ring stopped
        std::function<std::string()> current_sender = {};  // of the datagram being handled
    };

    RingLog(LogSink& log, totem::Dialect dialect, const totem::srp::Parameters& parameters, Hooks hooks);

    // The parameters in force, at start-up and after each reload.
    void parameters(const totem::srp::Parameters& parameters, std::size_t mtu);
    // A datagram the transport refused.
    void refused(totem::net::Refusal reason, const totem::NodeAddress& from, totem::Bytes datagram);

    void redundancy(totem::rrp::Mode mode, const totem::rrp::Parameters& parameters);
    // The redundant networks (totem-rrp.md section 10.1); `interface`: our address there.
    void network_status(unsigned network, const totem::rrp::Status& status, std::string_view interface);
    void ring_test_received(const totem::wire::RingTest& test);
    void ring_test_activated(const totem::wire::RingTest& test, bool recovered);

    void state_entered(totem::srp::State state) override;
    void gather_entered(totem::srp::GatherReason reason) override;
    void token_lost(totem::srp::State state, totem::Duration elapsed) override;
    void token_warning(totem::Duration elapsed) override;
    void membership_formed(const totem::RingId& ring, std::span<const totem::Identity> members,
                           std::span<const totem::Identity> joined, std::span<const totem::Identity> left,
                           std::span<const totem::Identity> left_without_leave_message) override;
    void leave_received(const totem::Identity& leaver) override;
    void retransmit_list(std::span<const totem::wire::RtrItem> items) override;
    void failed_to_receive() override;
    void pause_detected(totem::Duration pause) override;
    void forced_gather() override;
    void datagram_dropped(totem::wire::Drop reason, totem::Bytes datagram) override;
    void saved_old_state(std::uint32_t aru, std::uint32_t high_seq) override;
    void commit_token_created() override;
    void commit_token_received() override;
    void initial_token_sent() override;
    void recovery_member(std::size_t position, const totem::Identity& member,
                         const totem::wire::CommitEntry& entry) override;
    void recovery_originated(std::uint32_t low, std::uint32_t high, std::size_t count) override;
    void fatal(std::string_view what) override;

private:
    // A line a stranger can provoke: once per interval and kind.
    void provoked(LogLevel level, std::string_view kind, const std::string& text);
    bool refused_natively(totem::net::Refusal reason, const totem::NodeAddress& from);

    LogSink& log_;
    totem::Dialect dialect_;
    totem::srp::Parameters parameters_;
    Hooks hooks_;
    RepeatFilter filter_;
};

// Node ids as the lines name them: " joined: 1 2", or nothing if there are none.
std::string node_list(std::string_view label, std::span<const totem::Identity> nodes);

}  // namespace engine
