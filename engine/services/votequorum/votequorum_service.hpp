#pragma once
// Service 5: the vote machine (votequorum/) with its messages on the ring, its part in the synchronisation, and what
// the daemon and clients need of it. Spec votequorum.md, totempg-sync-services.md section 9. Sans-I/O.

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/exec/service.hpp"
#include "votequorum/machine.hpp"

namespace engine::votequorum {

// Hears the verdict; implemented by the quorum service.
class QuorumSink {
public:
    virtual ~QuorumSink() = default;
    // After each synchronisation, and whenever the verdict changes outside one.
    virtual void quorum_state(bool quorate, const totem::RingId& ring, std::span<const NodeId> members) = 0;
};

// What decides, in one piece.
struct Numbers {
    bool quorate = false, waiting_for_all = false;
    std::uint32_t votes = 0, expected = 0, quorum = 0;
    std::uint32_t device_flags = 0;  // of vote::Flag, of this node
    bool operator==(const Numbers&) const = default;
};

// The daemon around the service.
class VotequorumHost {
public:
    virtual ~VotequorumHost() = default;
    virtual totem::Instant now() = 0;
    // The file of expected_votes_tracking (section 8).
    virtual void store_tracking_barrier(std::uint32_t /*barrier*/) {}
    // The values of runtime.votequorum.* changed.
    virtual void publish(const vote::Published& /*values*/) {}
    // They are others now than at the last call.
    virtual void numbers(const Numbers& /*numbers*/) {}
    // A valid message, before it takes effect.
    virtual void heard(NodeId /*sender*/, const vote::Message& /*message*/) {}
    virtual bool wants(vote::Level /*level*/) const { return false; }
    virtual void log(vote::Level /*level*/, std::string_view /*text*/) {}
};

// Clients of the service; implemented by its IPC frontend.
class VotequorumClients {
public:
    virtual ~VotequorumClients() = default;
    virtual void quorum_changed() = 0;
    virtual void nodelist(const totem::RingId& ring, std::span<const NodeId> members) = 0;
    virtual void expected_votes_changed(std::uint32_t expected_votes) = 0;
    virtual void device_registered(vote::ClientId client, vote::Result result) = 0;
};

class VotequorumService final : public Service, private totem::sync::Participant, private vote::Effects {
public:
    // `reading` is one without failure; all references must outlive the service.
    VotequorumService(ExecSender& sender, QuorumSink& sink, VotequorumHost& host, vote::Reading reading,
                      std::uint32_t tracking_barrier = 0);

    // At most one; before the first client.
    void attach(VotequorumClients& clients) { clients_ = &clients; }

    // Queues the nodeinfo of process start, which travels in the very first ring (section 6.2). Call it once, before
    // the stack starts.
    void start();
    // Clean shutdown, while the ring still takes messages.
    void leave();

    // The keys of quorum and nodelist changed, at a reload or through cmap: reads them all again, tells the others
    // (section 2.4 step 3). Keys that make no sense are logged and change nothing.
    void configure(const vote::Keys& keys);
    // Section 2.4 step 2.
    void cancel_wait_for_all();

    // Timers: the owner calls on_timeout() once next_timeout() has passed.
    totem::Instant next_timeout() const { return machine_.next_timeout(); }
    void on_timeout();

    const vote::Machine& machine() const { return machine_; }
    // Requests of clients: `work(machine, now)`, whose result is returned.
    template <typename Work>
    auto request(Work&& work) {
        auto result = work(machine_, host_.now());
        publish();
        return result;
    }
    void forget_client(vote::ClientId client) { machine_.forget_client(client); }

    std::uint32_t id() const override { return kVotequorumService; }
    std::string_view name() const override { return "corosync vote quorum service v1.0"; }
    std::string_view ipc_name() const override { return "votequorum"; }
    std::uint32_t function_count() const override { return vote::kFunctionCount; }
    void on_exec(std::uint32_t function, NodeId sender, ByteOrder order, Bytes message) override;
    totem::sync::Participant* participant() override { return this; }

    // Too short, without the end of a name, or about somebody other than their sender.
    std::uint64_t dropped_malformed() const { return dropped_malformed_; }

private:
    // totem::sync::Participant
    std::uint32_t service_id() const override { return kVotequorumService; }
    std::string_view service_name() const override { return name(); }
    void sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members,
                   const totem::RingId& ring) override;
    bool sync_process(totem::Instant now) override;
    void sync_activate(totem::Instant now) override;
    void sync_abort() override {}

    // vote::Effects
    bool send(const vote::Message& message) override;
    void verdict() override;
    void nodelist(const totem::RingId& ring, std::span<const NodeId> members) override;
    void expected_votes_changed(std::uint32_t expected_votes) override;
    void device_registered(vote::ClientId client, vote::Result result) override;
    void store_tracking_barrier(std::uint32_t barrier) override { host_.store_tracking_barrier(barrier); }
    bool wants(vote::Level level) const override { return host_.wants(level); }
    void log(vote::Level level, std::string_view text) override { host_.log(level, text); }

    void publish();
    void tell_numbers();

    ExecSender& sender_;
    QuorumSink& sink_;
    VotequorumHost& host_;
    VotequorumClients* clients_ = nullptr;
    vote::Machine machine_;
    vote::Published published_;
    Numbers numbers_;
    std::uint64_t dropped_malformed_ = 0;
};

}  // namespace engine::votequorum
