#pragma once
// One engine whose channel and application the test plays.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include <fmt/format.h>

#include "cfs/replica/engine/engine.hpp"

namespace cfs::replica {

using namespace std::chrono_literals;

struct ScriptedApplication final : Application {
    Delivered deliver(Group&, Now, const Delivery& delivery) override {
        deliveries.push_back(fmt::format("{}:{}", delivery.sender.nodeid, delivery.subtype));
        if (on_deliver) on_deliver();
        return answer;
    }
    std::optional<Buffer> state(Group&, Now) override { return own_state; }
    bool examine(Group& group, Now now, std::span<MemberState> states) override {
        ++examined;
        for (MemberState& state : states)
            state.synced = state.state.front() == 'n';
        if (leads) {
            group.send_update(now, 7, Buffer{1});
            group.send_update_complete(now);
        }
        return examine_answer;
    }
    bool update(Group&, Now, Bytes) override {
        ++updates;
        return update_answer;
    }
    bool commit(Group&, Now) override {
        ++commits;
        return commit_answer;
    }
    void forget_sync() override { ++forgotten; }
    void synced(Group&, Now) override { ++synced_calls; }
    void members_changed(Group&, Now, std::span<const MemberId> members) override { last_members = members.size(); }
    Checksum checksum() const override { return own_checksum; }

    std::vector<std::string> deliveries;
    std::function<void()> on_deliver;
    Delivered answer;
    std::optional<Buffer> own_state = Buffer{'n'};  // 'n'ew or 'o'ld
    bool examine_answer = true, update_answer = true, commit_answer = true, leads = false;
    int examined = 0, updates = 0, commits = 0, forgotten = 0, synced_calls = 0;
    std::size_t last_members = 0;
    Checksum own_checksum{};
};

struct RecordingChannel final : Channel {
    void join() override { ++joins; }
    void leave() override {
        ++leaves;
        sent.clear();
    }
    void send(Outgoing message) override { sent.push_back(std::move(message)); }
    void drop_sync_messages() override {
        std::erase_if(sent, [](const Outgoing& message) { return belongs_to_sync(message.purpose); });
    }
    int joins = 0, leaves = 0;
    std::vector<Outgoing> sent;
};

class EngineTest : public testing::Test, protected EngineObserver {
protected:
    static constexpr MemberId kSelf{2, 20}, kLower{1, 10}, kUpper{3, 30};

    EngineTest() {
        engine.start(now());
        engine.connected(kSelf);
    }

    Now now() const { return {seconds, totem::Instant{} + std::chrono::seconds(seconds)}; }
    void pass(std::chrono::seconds time) {
        seconds += static_cast<std::uint32_t>(time.count());
        engine.tick(now());
    }

    void members(std::vector<MemberId> list, std::vector<MemberId> joined = {}, std::vector<MemberId> left = {}) {
        engine.configuration(now(), list, left, joined);
    }
    // A group of all three that has not exchanged states yet.
    void join_three() { members({kLower, kSelf, kUpper}, {kSelf}); }
    // ... and has; the letters say whose state is new ('n') or old ('o').
    void sync(std::string_view states = "nnn") {
        start_sync();
        const MemberId all[] = {kLower, kSelf, kUpper};
        for (std::size_t i = 0; i < states.size(); ++i)
            state(all[i], states[i]);
    }
    void start_sync(MemberId from = kLower) { message(from, MessageType::sync_start); }
    void state(MemberId from, char content) { message(from, MessageType::state, Buffer{std::uint8_t(content)}); }

    void message(MemberId from, MessageType type, const Buffer& payload = {}) { message(from, type, payload, epoch); }
    void message(MemberId from, MessageType type, const Buffer& payload, const Epoch& of) {
        const Header header{static_cast<std::uint16_t>(type), 0, 1, seconds, 0};
        engine.delivered(now(), from, encode(StateMessage{header, of, payload}));
    }
    static Buffer normal_bytes(std::uint16_t subtype, std::uint64_t count) {
        return encode(NormalMessage{{0, subtype, 1, 9, 0}, count, {}});
    }
    void normal(MemberId from, std::uint16_t subtype, std::uint64_t count) {
        engine.delivered(now(), from, normal_bytes(subtype, count));
    }
    // Our own messages that the channel took come back to us.
    void echo() {
        for (const Outgoing& out : std::exchange(channel.sent, {}))
            engine.delivered(now(), kSelf, out.bytes);
    }

    void report(Severity severity, std::string_view text) override {
        log.push_back(fmt::format("{}: {}", severity == Severity::critical ? "crit" : "notice", text));
    }
    void completed(std::uint64_t count, bool processed, int result) override {
        results.push_back(fmt::format("{} {} {}", count, processed ? "done" : "given up", result));
    }
    std::vector<std::string> new_log() { return std::exchange(log, {}); }
    std::vector<std::uint16_t> sent_types() const {
        std::vector<std::uint16_t> types;
        for (const Outgoing& out : channel.sent)
            types.push_back(decode_header(out.bytes)->type);
        return types;
    }
    void expect_leaving(const std::string& reason) {
        EXPECT_EQ(engine.mode(), Mode::leave);
        EXPECT_EQ(channel.leaves, 1);
        EXPECT_THAT(log, testing::IsSupersetOf({reason, std::string("crit: leaving CPG group")}));
    }

    std::uint32_t seconds = 1000;
    Epoch epoch{5, 900, 1, 10};
    ScriptedApplication application;
    RecordingChannel channel;
    std::vector<std::string> log, results;
    Engine engine{{.protocol_version = 1, .verifies = true}, application, channel, *this};
};

}  // namespace cfs::replica
