// What clients of libvotequorum are told: spec client-ipc.md section 11.

#include "engine/ipc/votequorum_frontend.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/ipc/quorum_messages.hpp"
#include "tests/ipc/fake_connection.hpp"
#include "tests/ipc/fake_ring.hpp"

namespace engine::ipc {
namespace {

using namespace votequorum_wire;
using ipc_test::FakeRing;
using testing::ElementsAre;
using testing::IsEmpty;

struct Host final : votequorum::VotequorumHost, votequorum::QuorumSink {
    totem::Instant now() override { return {}; }
    void quorum_state(bool, const totem::RingId&, std::span<const NodeId>) override {}
};

vote::Reading three_votes_with_a_device() {
    vote::Keys keys;
    keys.nodelist = {.votes_sum = 2, .nodes = 2, .own_votes = 1};
    keys.device_model = "net";
    keys.device_votes = 1;
    return vote::read(keys);
}

DeviceName device(const std::string& text) {
    DeviceName name{};
    text.copy(name.data(), name.size());
    return name;
}

class VotequorumFrontendTest : public testing::Test {
protected:
    VotequorumFrontendTest() {
        ring_.attach(service_);
        frontend_.connected(client_);
        service_.start();
        totem::RingId ring;
        ring.rep.nodeid = 1;
        ring.seq = 8;
        const std::vector<NodeId> alone{1};
        service_.participant()->sync_init(alone, alone, ring);
        while (!service_.participant()->sync_process({}))
            ring_.drain();
        ring_.drain();
        service_.participant()->sync_activate({});
    }

    template <typename Request>
    void ask(Request request, std::uint32_t id) {
        request.header = {.id = static_cast<std::int32_t>(id), .size = sizeof(Request)};
        EXPECT_EQ(frontend_.request(client_, id, bytes_of(request)), Handled::done);
    }
    GetInfoResponse info(std::uint32_t node) {
        ask(GetInfoRequest{.header = {}, .node = node}, kGetInfo);
        return load<GetInfoResponse>(client_.responses.back());
    }
    void track(std::uint64_t context, std::uint32_t flags) {
        ask(TrackStartRequest{.header = {}, .context = context, .flags = flags}, kTrackStart);
    }

    boost::asio::io_context io_;
    FakeRing ring_{io_, 1};
    Host host_;
    votequorum::VotequorumService service_{ring_, host_, host_, three_votes_with_a_device()};
    VotequorumFrontend frontend_{service_};
    FakeConnection client_;
};

TEST_F(VotequorumFrontendTest, TellsOfItselfAndOfNobodyUnknown) {
    const auto own = info(0);
    EXPECT_EQ(own.header.error, kCsOk);
    EXPECT_EQ(own.header.size, 320);
    EXPECT_EQ(own.node, 1u);
    EXPECT_EQ(own.votes, 1u);
    EXPECT_EQ(own.expected_votes, 2u);  // without the device, which is not there
    EXPECT_EQ(own.quorum, 2u);
    EXPECT_EQ(own.total_votes, 1u);
    EXPECT_EQ(info(9).header.error, kCsNotExist);
}

TEST_F(VotequorumFrontendTest, VotesOfNobodyAndNoVotesAtAllAreRefused) {
    ask(SetVotesRequest{.header = {}, .votes = 1, .node = 9}, kSetVotes);
    EXPECT_EQ(client_.error(), kCsNameNotFound);
    ask(SetExpectedRequest{.header = {}, .votes = 0}, kSetExpected);
    EXPECT_EQ(client_.error(), kCsInvalidParam);
    EXPECT_EQ(ring_.queued(), 0u);
}

TEST_F(VotequorumFrontendTest, TrackersGetTheirContextBack) {
    track(0x1122334455667788, kTrackChanges);
    EXPECT_EQ(client_.error(), kCsOk);
    ASSERT_EQ(client_.events.size(), 2u);
    const auto list = load<NodelistEvent>(client_.events[0]);
    EXPECT_EQ(list.context, 0x1122334455667788u);
    EXPECT_EQ(list.ring.seq, 8u);
    EXPECT_EQ(list.count, 1u);
    EXPECT_EQ(load<QuorumEvent>(client_.events[1]).count, 1u);
    EXPECT_THAT(client_.told(), ElementsAre(kNodelist, kQuorum));

    track(5, kTrackChanges);
    EXPECT_EQ(client_.error(), kCsExist);
    client_.told();
    ask(SetExpectedRequest{.header = {}, .votes = 1}, kSetExpected);
    EXPECT_EQ(client_.error(), kCsOk);
    ring_.drain();
    ASSERT_FALSE(client_.events.empty());
    for (const auto& event : client_.events) {
        EXPECT_EQ(load<ResponseHeader>(event).size, static_cast<std::int32_t>(event.size()));
    }
    EXPECT_THAT(client_.told(), testing::Contains(kExpectedVotes));

    ask(GetInfoRequest{}, kTrackStop);
    EXPECT_EQ(client_.error(), kCsOk);
    ask(GetInfoRequest{}, kTrackStop);
    EXPECT_EQ(client_.error(), kCsNotExist);
}

TEST_F(VotequorumFrontendTest, ADeviceIsAnsweredWhenAllNodesHeardOfIt) {
    ask(DeviceRequest{.header = {}, .name = device("arbiter")}, kDeviceRegister);
    EXPECT_THAT(client_.responses, IsEmpty());
    ring_.drain();
    ASSERT_EQ(client_.responses.size(), 1u);
    EXPECT_EQ(client_.error(), kCsOk);
    EXPECT_STREQ(info(0).device_name.data(), "arbiter");
    track(9, kTrackChangesOnly);
    ask(
        DevicePollRequest{
            .header = {}, .name = device("other"), .cast_vote = 1, .ring = {.node = 1, .pad = 0, .seq = 8}},
        kDevicePoll);
    EXPECT_EQ(client_.error(), kCsInvalidParam);
    ask(
        DevicePollRequest{
            .header = {}, .name = device("arbiter"), .cast_vote = 1, .ring = {.node = 1, .pad = 0, .seq = 8}},
        kDevicePoll);
    EXPECT_EQ(client_.error(), kCsOk);
    ring_.drain();
    EXPECT_EQ(info(0).total_votes, 2u);
    EXPECT_THAT(client_.told(), testing::Contains(kQuorum));  // enough now
}

TEST_F(VotequorumFrontendTest, ANameWithoutAnEndIsReadNoFurther) {
    DeviceName endless;
    endless.fill('x');
    ask(DeviceRequest{.header = {}, .name = endless}, kDeviceRegister);
    ring_.drain();
    ASSERT_EQ(client_.responses.size(), 1u);
    EXPECT_LE(service_.machine().device_name().size(), vote::kMaxDeviceName);
}

TEST_F(VotequorumFrontendTest, AClientGoneWhileRegisteringIsForgotten) {
    ask(DeviceRequest{.header = {}, .name = device("arbiter")}, kDeviceRegister);
    frontend_.disconnected(client_);
    ring_.drain();
    EXPECT_THAT(client_.responses, IsEmpty());
    EXPECT_FALSE(service_.machine().device_registered());
    FakeConnection next{2};
    frontend_.connected(next);
    const DeviceRequest request{.header = {.id = kDeviceRegister, .size = sizeof(DeviceRequest)},
                                .name = device("arbiter")};
    EXPECT_EQ(frontend_.request(next, kDeviceRegister, bytes_of(request)), Handled::done);
    ring_.drain();
    EXPECT_EQ(next.error(), kCsOk);
}

TEST_F(VotequorumFrontendTest, EveryTrackerHasItsOwnContext) {
    FakeConnection second{2};
    frontend_.connected(second);
    track(1, kTrackChangesOnly);
    TrackStartRequest request{.header = {.id = kTrackStart, .size = 32}, .context = 2, .flags = kTrackChangesOnly};
    EXPECT_EQ(frontend_.request(second, kTrackStart, bytes_of(request)), Handled::done);
    frontend_.quorum_changed();
    ASSERT_EQ(client_.events.size(), 1u);
    ASSERT_EQ(second.events.size(), 1u);
    EXPECT_EQ(load<QuorumEvent>(client_.events[0]).context, 1u);
    EXPECT_EQ(load<QuorumEvent>(second.events[0]).context, 2u);
}

}  // namespace
}  // namespace engine::ipc
