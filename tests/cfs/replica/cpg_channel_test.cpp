// When the channel on libcpg calls what, and how often (pmxcfs-wire.md section 1). The library is played.

#include "cfs/replica/channel/cpg.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/uio.h>

#include <deque>

namespace cfs::replica {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

// What the library was asked, and what it answers: CS_OK, once `answers` are used up.
struct Library {
    std::vector<std::string> calls;
    std::deque<cs_error_t> answers;
    cs_error_t call(const std::string& what) {
        calls.push_back(what);
        if (answers.empty()) return CS_OK;
        const cs_error_t answer = answers.front();
        answers.pop_front();
        return answer;
    }
};
Library* library = nullptr;

CpgCalls played() {
    CpgCalls calls;
    calls.initialize = [](cpg_handle_t* handle, cpg_model_t, cpg_model_data_t*, void*) {
        *handle = 7;
        return library->call("initialize");
    };
    calls.finalize = [](cpg_handle_t) { return library->call("finalize"); };
    calls.fd_get = [](cpg_handle_t, int* fd) {
        *fd = 42;
        return CS_OK;
    };
    calls.local_get = [](cpg_handle_t, unsigned* node) {
        *node = 5;
        return CS_OK;
    };
    calls.join = [](cpg_handle_t, const cpg_name* name) {
        return library->call("join " + std::to_string(name->length) + (name->value[name->length - 1] == 0 ? "" : "!"));
    };
    calls.leave = [](cpg_handle_t, const cpg_name*) { return library->call("leave"); };
    calls.dispatch = [](cpg_handle_t, cs_dispatch_flags_t) { return library->call("dispatch"); };
    calls.mcast = [](cpg_handle_t, cpg_guarantee_t guarantee, const iovec* part, unsigned parts) {
        return library->call((guarantee == CPG_TYPE_AGREED && parts == 1 ? "send " : "wrong ") +
                             std::to_string(part->iov_len));
    };
    return calls;
}

class CpgChannelTest : public testing::Test, protected ChannelEvents, protected CpgObserver {
protected:
    CpgChannelTest() { library = &played_library; }
    void connected(MemberId self) override { events.push_back("connected " + std::to_string(self.nodeid)); }
    void configuration(std::span<const MemberId>, std::span<const MemberId>, std::span<const MemberId>) override {}
    void delivered(MemberId, Bytes) override {}
    void send_failed(Purpose, std::uint64_t id) override { events.push_back("failed " + std::to_string(id)); }
    void lost() override { events.emplace_back("lost"); }
    void report(Severity, std::string_view text) override { log.emplace_back(text); }

    void tick() { channel.tick(now); }
    void pass(totem::Duration time) {
        now += time;
        tick();
    }
    void join() {
        channel.join();
        tick();
        calls().clear();
    }
    void send(std::uint64_t id, std::size_t size, Purpose purpose = Purpose::normal) {
        channel.send({purpose, id, Buffer(size)});
    }
    std::vector<std::string>& calls() { return played_library.calls; }
    void answer(std::size_t times, cs_error_t error) {
        played_library.answers.insert(played_library.answers.end(), times, error);
    }

    Library played_library;
    std::vector<std::string> events, log;
    totem::Instant now{1h};
    CpgChannel channel{"pve_dcdb_v1", *this, *this, played()};
};

TEST_F(CpgChannelTest, JoinsWithTheNameAndItsNul) {
    EXPECT_EQ(channel.fd(), -1);
    channel.join();
    EXPECT_THAT(calls(), IsEmpty()) << "not from inside the call";
    EXPECT_LE(channel.next_timer(), now);
    tick();
    EXPECT_THAT(calls(), ElementsAre("initialize", "join 12"));
    EXPECT_THAT(events, ElementsAre("connected 5"));
    EXPECT_EQ(channel.fd(), 42);
    EXPECT_EQ(channel.next_timer(), totem::kNever);
}

TEST_F(CpgChannelTest, TheHandleIsUsedAgain) {
    join();
    channel.leave();
    tick();
    channel.join();
    tick();
    EXPECT_THAT(calls(), ElementsAre("leave", "join 12"));
}

TEST_F(CpgChannelTest, JoiningIsTriedAgainEvery100Ms) {
    answer(1, CS_OK);
    answer(21, CS_ERR_TRY_AGAIN);
    channel.join();
    tick();
    EXPECT_EQ(channel.next_timer(), now + 100ms);
    pass(99ms);
    EXPECT_EQ(calls().size(), 2u);
    pass(1ms);
    EXPECT_EQ(calls().size(), 3u);
    for (int i = 0; i < 40; ++i)
        pass(100ms);
    EXPECT_EQ(calls().size(), 23u);
    EXPECT_THAT(log, ElementsAre("cpg_join retry 10", "cpg_join retry 20"));
}

TEST_F(CpgChannelTest, NoConnectionIsToldLater) {
    answer(1, CS_ERR_LIBRARY);
    channel.join();
    tick();
    EXPECT_THAT(log, ElementsAre("cpg_initialize failed: 2"));
    EXPECT_THAT(events, IsEmpty());
    tick();
    EXPECT_THAT(events, ElementsAre("lost"));
    EXPECT_EQ(channel.next_timer(), totem::kNever);
    channel.join();
    tick();
    EXPECT_EQ(events.back(), "connected 5");
}

TEST_F(CpgChannelTest, ABrokenConnectionIsClosed) {
    join();
    answer(1, CS_ERR_LIBRARY);
    channel.dispatch();
    EXPECT_THAT(log, ElementsAre("cpg_dispatch failed: 2"));
    EXPECT_THAT(calls(), ElementsAre("dispatch", "finalize"));
    EXPECT_EQ(channel.fd(), -1);
    tick();
    EXPECT_EQ(events.back(), "lost");
}

TEST_F(CpgChannelTest, DispatchingIsTriedAgain) {
    join();
    answer(10, CS_ERR_TRY_AGAIN);
    channel.dispatch();
    tick();
    for (int i = 0; i < 20; ++i)
        pass(100ms);
    EXPECT_THAT(log, ElementsAre("cpg_dispatch retry 10"));
    EXPECT_EQ(channel.next_timer(), totem::kNever);
}

TEST_F(CpgChannelTest, MessagesGoOutInOrderAndWhole) {
    join();
    send(1, 10);
    send(2, 3'000'000);
    tick();
    EXPECT_THAT(calls(), ElementsAre("send 10", "send 3000000"));
}

TEST_F(CpgChannelTest, AFullQueueHoldsAllBack) {
    join();
    answer(2, CS_ERR_TRY_AGAIN);
    answer(1, CS_ERR_INTERRUPT);
    send(1, 10);
    send(2, 20);
    tick();
    tick();
    EXPECT_THAT(calls(), ElementsAre("send 10"));
    EXPECT_EQ(channel.unsent(), 2u);
    for (int i = 0; i < 3; ++i)
        pass(100ms);
    EXPECT_THAT(calls(), ElementsAre("send 10", "send 10", "send 10", "send 10", "send 20"));
    EXPECT_THAT(events, ElementsAre("connected 5"));
}

TEST_F(CpgChannelTest, AHundredTriesAreEnough) {
    join();
    answer(100, CS_ERR_TRY_AGAIN);
    send(1, 10);
    send(2, 20);
    tick();
    for (int i = 0; i < 99; ++i)
        pass(100ms);
    EXPECT_EQ(log.size(), 11u);
    EXPECT_EQ(log.front(), "cpg_send_message retry 10");
    EXPECT_EQ(log.back(), "cpg_send_message retried 100 times");
    EXPECT_THAT(events, ElementsAre("connected 5", "failed 1"));
    EXPECT_EQ(calls().back(), "send 20");
}

TEST_F(CpgChannelTest, OtherErrorsFailTheMessage) {
    join();
    answer(1, CS_ERR_NOT_EXIST);
    send(1, 10);
    tick();
    EXPECT_THAT(log, ElementsAre("cpg_send_message failed: 12"));
    EXPECT_THAT(events, ElementsAre("connected 5", "failed 1"));
}

TEST_F(CpgChannelTest, AMembershipChangeDropsTheSyncsMessages) {
    join();
    send(1, 10);
    send(0, 20, Purpose::state);
    send(2, 30, Purpose::resend);
    channel.drop_sync_messages();
    tick();
    EXPECT_THAT(calls(), ElementsAre("send 10", "send 30"));
}

TEST_F(CpgChannelTest, LeavingDropsWhatWasNotSent) {
    join();
    send(1, 10);
    channel.leave();
    tick();
    EXPECT_THAT(calls(), ElementsAre("leave"));
    EXPECT_EQ(channel.unsent(), 0u);
}

}  // namespace
}  // namespace cfs::replica
