// The rules of client-ipc.md section 2.3 one by one, on plain socket pairs.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "engine/ipc/qb_loop.hpp"

namespace {

using engine::ipc::QbLoop;

struct Call {
    int fd, revents;
};

// What libqb would pass as data.
struct Target {
    std::vector<Call> calls;
    std::function<int(int fd, int revents)> action;
};

int32_t dispatch(int32_t fd, int32_t revents, void* data) {
    auto& target = *static_cast<Target*>(data);
    target.calls.push_back({fd, revents});
    return target.action ? target.action(fd, revents) : 0;
}

class QbLoopTest : public ::testing::Test {
protected:
    void SetUp() override {
        loop.emplace(io, hooks());
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    }
    void TearDown() override {
        for (const int fd : ends) {
            if (fd >= 0) ::close(fd);
        }
    }
    void poke(int count = 1) {
        while (count-- > 0)
            ASSERT_EQ(::write(ends[1], "x", 1), 1);
    }
    void take() {
        char c;
        ASSERT_EQ(::read(ends[0], &c, 1), 1);
    }
    // Runs what is due.
    std::size_t turn() {
        io.restart();
        std::size_t handlers_run = 0;
        while (handlers_run < 20 && io.poll_one() != 0)
            ++handlers_run;  // a level-triggered watch is always due
        return handlers_run;
    }
    int add(Target& target, int events = POLLIN | POLLPRI | POLLNVAL) {
        return handlers.dispatch_add(QB_LOOP_MED, ends[0], events, &target, dispatch);
    }

    std::function<int(int, int)> taking() {
        return [this](int, int) {
            take();
            return 0;
        };
    }
    virtual QbLoop::Hooks hooks() { return {}; }

    int ends[2] = {-1, -1};
    boost::asio::io_context io;
    std::optional<QbLoop> loop;
    qb_ipcs_poll_handlers handlers = QbLoop::handlers();
};

TEST_F(QbLoopTest, ReportsWhileInputRemains) {
    Target target;
    target.action = taking();
    ASSERT_EQ(add(target), 0);
    EXPECT_EQ(turn(), 0u);
    poke(3);
    for (int i = 0; i < 10; ++i)
        turn();
    ASSERT_EQ(target.calls.size(), 3u) << "level-triggered, and silent when all is read";
    EXPECT_EQ(target.calls[0].revents, POLLIN);
    EXPECT_EQ(add(target), -EEXIST);
}

TEST_F(QbLoopTest, ReportsHangupThoughNotAskedFor) {
    Target target;
    target.action = [](int, int) { return -1; };
    ASSERT_EQ(add(target), 0);
    ::close(std::exchange(ends[1], -1));
    turn();
    ASSERT_EQ(target.calls.size(), 1u);
    EXPECT_TRUE(target.calls[0].revents & POLLHUP);
    turn();
    EXPECT_EQ(target.calls.size(), 1u) << "a negative result drops the watch";
    EXPECT_EQ(loop->watches(), 0u);
    EXPECT_GE(::fcntl(ends[0], F_GETFD), 0) << "but does not close the descriptor";
}

TEST_F(QbLoopTest, OutputIsReportedWhileAskedFor) {
    Target target;
    ASSERT_EQ(add(target), 0);
    ASSERT_EQ(handlers.dispatch_mod(QB_LOOP_LOW, ends[0], POLLIN | POLLOUT, &target, dispatch), 0);
    turn();
    ASSERT_FALSE(target.calls.empty());
    EXPECT_EQ(target.calls[0].revents, POLLOUT);
    ASSERT_EQ(handlers.dispatch_mod(QB_LOOP_LOW, ends[0], POLLIN, &target, dispatch), 0);
    const std::size_t so_far = target.calls.size();
    turn();
    turn();
    EXPECT_EQ(target.calls.size(), so_far);
}

TEST_F(QbLoopTest, AWatchCanReplaceItselfInsideItsCallback) {
    Target first, second;
    first.action = [&](int fd, int) {
        EXPECT_EQ(handlers.dispatch_del(fd), 0);
        EXPECT_EQ(add(second), 0);
        return -1;  // of the first watch: must not drop the second
    };
    second.action = taking();
    ASSERT_EQ(add(first), 0);
    poke(2);
    for (int i = 0; i < 5; ++i)
        turn();
    EXPECT_EQ(first.calls.size(), 1u);
    EXPECT_EQ(second.calls.size(), 2u);
    EXPECT_EQ(loop->watches(), 1u);
}

TEST_F(QbLoopTest, AReusedNumberIsAnotherWatch) {
    Target first, second;
    ASSERT_EQ(add(first), 0);
    poke();
    io.restart();
    io.poll_one();  // the reactor has queued the completion, or the first callback ran
    const std::size_t seen = first.calls.size();
    ASSERT_EQ(handlers.dispatch_del(ends[0]), 0);
    const int number = ends[0];
    ::close(ends[0]);
    ::close(ends[1]);
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    ASSERT_EQ(ends[0], number);
    ASSERT_EQ(add(second), 0);
    turn();
    EXPECT_EQ(first.calls.size(), seen);
    EXPECT_TRUE(second.calls.empty());
    poke();
    turn();
    EXPECT_FALSE(second.calls.empty());
}

TEST_F(QbLoopTest, PausedInputWaitsButHangupDoesNot) {
    Target target;
    target.action = [](int, int revents) { return revents & POLLHUP ? -1 : 0; };
    ASSERT_EQ(add(target), 0);
    loop->pause_input(&target);
    poke();
    std::size_t handlers_run = 0;
    for (int i = 0; i < 100; ++i)
        handlers_run += turn();
    EXPECT_TRUE(target.calls.empty());
    EXPECT_LT(handlers_run, 3u) << "no spinning on input nobody reads";
    loop->resume_input(&target);
    loop->rearm();
    turn();
    ASSERT_FALSE(target.calls.empty());
    EXPECT_EQ(target.calls.back().revents, POLLIN);
    loop->pause_input(&target);
    turn();
    target.calls.clear();
    ::close(std::exchange(ends[1], -1));
    turn();
    ASSERT_EQ(target.calls.size(), 1u);
    EXPECT_TRUE(target.calls[0].revents & POLLHUP);
    EXPECT_FALSE(target.calls[0].revents & POLLIN);
}

TEST_F(QbLoopTest, JobsRunLaterAndOnce) {
    int runs = 0;
    ASSERT_EQ(handlers.job_add(QB_LOOP_LOW, &runs, [](void* data) { ++*static_cast<int*>(data); }), 0);
    EXPECT_EQ(runs, 0);
    turn();
    turn();
    EXPECT_EQ(runs, 1);
}

TEST_F(QbLoopTest, UnknownDescriptorsAndASecondLoopAreErrors) {
    Target target;
    EXPECT_EQ(handlers.dispatch_del(ends[0]), -ENOENT);
    EXPECT_EQ(handlers.dispatch_mod(QB_LOOP_LOW, ends[0], POLLIN, &target, dispatch), -ENOENT);
    EXPECT_EQ(handlers.dispatch_add(QB_LOOP_LOW, 9999, POLLIN, &target, dispatch), -EBADF);
    EXPECT_THROW(QbLoop second(io, {}), std::logic_error);
}

// As libqb does for each event.
class Notifications : public QbLoopTest {
protected:
    void SetUp() override {
        QbLoopTest::SetUp();
        ASSERT_EQ(add(target), 0);
    }
    void notify(int count) {
        for (int i = 0; i < count; ++i)
            EXPECT_EQ(::send(ends[0], "", 1, MSG_NOSIGNAL), 1);
    }
    std::size_t arrived() {
        char bytes[8192];
        const ssize_t size = ::read(ends[1], bytes, sizeof bytes);
        return size < 0 ? 0 : static_cast<std::size_t>(size);
    }
    Target target;
};

TEST_F(Notifications, OfABurstLeaveTogetherAtItsEnd) {
    target.action = [&](int, int) {
        take();
        notify(3);
        EXPECT_EQ(arrived(), 0u);
        return 0;
    };
    poke();
    turn();
    EXPECT_EQ(arrived(), 3u);
}

TEST_F(Notifications, LeaveAfterWhatIsBeingHandled) {
    notify(2);
    EXPECT_EQ(arrived(), 0u);
    turn();
    EXPECT_EQ(arrived(), 2u);
}

TEST_F(Notifications, CanBeHurried) {
    notify(2);
    loop->pay();
    EXPECT_EQ(arrived(), 2u);
    turn();
    EXPECT_EQ(arrived(), 0u) << "once";
}

TEST_F(Notifications, ThatASocketDoesNotTakeFollow) {
    constexpr std::size_t kMany = 1'000'000;
    notify(kMany);
    turn();
    std::size_t all = 0;
    for (int i = 0; i < 10000 && all < kMany; ++i) {
        while (const std::size_t some = arrived())
            all += some;
        turn();
    }
    EXPECT_EQ(all, kMany);
}

TEST_F(Notifications, OthersBytesAreSentAsTheyAre) {
    EXPECT_EQ(::send(ends[0], "ab", 2, MSG_NOSIGNAL), 2) << "no notification";
    EXPECT_EQ(arrived(), 2u);
    EXPECT_EQ(::send(ends[1], "c", 1, MSG_NOSIGNAL), 1) << "not watched";
    take();
}

// Whose input can wait.
class QbRest : public QbLoopTest {
protected:
    QbLoop::Hooks hooks() override {
        QbLoop::Hooks out;
        out.burst = [this](bool begins) { bursts += begins ? 1 : 0; };
        out.streams = [this] { return streams; };
        out.can_wait = [this] { return can_wait; };
        out.longest_rest = longest;
        return out;
    }
    // Its descriptor rests.
    void rest() {
        target.action = taking();
        ASSERT_EQ(add(target), 0);
        poke();
        turn();
        ASSERT_EQ(target.calls.size(), 1u);
        ASSERT_TRUE(loop->anything_rests());
    }

    bool streams = true, can_wait = true;
    int bursts = 0;
    std::chrono::microseconds longest = std::chrono::hours(1);
    Target target;
};

TEST_F(QbRest, InputIsTakenWhenItIsLookedAt) {
    ASSERT_NO_FATAL_FAILURE(rest());
    poke(3);
    EXPECT_EQ(turn(), 0u) << "no byte wakes anybody";
    bursts = 0;
    loop->look();
    EXPECT_EQ(target.calls.size(), 4u);
    EXPECT_EQ(bursts, 1) << "all of it is one";
    loop->settle();
    poke();
    EXPECT_EQ(turn(), 0u) << "it rests again";
    loop->look();
    EXPECT_EQ(target.calls.size(), 5u);
}

TEST_F(QbRest, WhatCanWaitNoLongerIsWatchedAgain) {
    ASSERT_NO_FATAL_FAILURE(rest());
    poke();
    loop->look();
    ASSERT_EQ(target.calls.size(), 2u);
    can_wait = false;
    loop->settle();
    EXPECT_FALSE(loop->anything_rests());
    poke();
    turn();
    EXPECT_EQ(target.calls.size(), 3u);
}

TEST_F(QbRest, WhoSendsNothingMoreIsWatchedAgain) {
    ASSERT_NO_FATAL_FAILURE(rest());
    streams = false;
    loop->look();
    loop->settle();
    EXPECT_FALSE(loop->anything_rests());
    poke();
    turn();
    EXPECT_EQ(target.calls.size(), 2u);
}

TEST_F(QbRest, WhatIsOfUseAtOnceDoesNotRest) {
    can_wait = false;
    target.action = taking();
    ASSERT_EQ(add(target), 0);
    for (std::size_t count = 1; count < 4; ++count) {
        poke();
        turn();
        EXPECT_EQ(target.calls.size(), count);
        EXPECT_FALSE(loop->anything_rests());
    }
}

TEST_F(QbRest, ADescriptorThatIsGivenBackIsNotTouched) {
    ASSERT_NO_FATAL_FAILURE(rest());
    poke();
    ASSERT_EQ(handlers.dispatch_del(ends[0]), 0);
    loop->look();
    loop->settle();
    EXPECT_EQ(target.calls.size(), 1u);
    EXPECT_FALSE(loop->anything_rests());
    EXPECT_GE(::fcntl(ends[0], F_GETFD), 0);
    Target other;
    other.action = taking();
    streams = false;
    ASSERT_EQ(add(other), 0);
    turn();
    EXPECT_EQ(other.calls.size(), 1u);
}

TEST_F(QbRest, OutputIsReportedWhileAskedFor) {
    ASSERT_NO_FATAL_FAILURE(rest());
    target.action = {};
    ASSERT_EQ(handlers.dispatch_mod(QB_LOOP_LOW, ends[0], POLLIN | POLLOUT, &target, dispatch), 0);
    EXPECT_FALSE(loop->anything_rests());
    turn();
    ASSERT_GE(target.calls.size(), 2u);
    EXPECT_EQ(target.calls[1].revents, POLLOUT);
}

TEST_F(QbRest, AChangeInsideTheCallbackEndsIt) {
    ASSERT_NO_FATAL_FAILURE(rest());
    target.action = [&](int fd, int) {
        take();
        return handlers.dispatch_mod(QB_LOOP_LOW, fd, POLLIN, &target, dispatch);
    };
    poke();
    loop->look();
    loop->settle();
    ASSERT_EQ(target.calls.size(), 2u);
    poke();
    turn();
    loop->look();
    EXPECT_EQ(target.calls.size(), 3u);
}

TEST_F(QbRest, HangupIsNoticed) {
    ASSERT_NO_FATAL_FAILURE(rest());
    target.action = [](int, int) { return -1; };
    ::close(std::exchange(ends[1], -1));
    loop->look();
    ASSERT_EQ(target.calls.size(), 2u);
    EXPECT_TRUE(target.calls[1].revents & POLLHUP);
    EXPECT_EQ(loop->watches(), 0u);
}

TEST_F(QbRest, NotificationsAreNotHeldUp) {
    ASSERT_NO_FATAL_FAILURE(rest());
    ASSERT_TRUE(QbLoop::owe_notification(ends[0]));
    turn();
    char c;
    EXPECT_EQ(::read(ends[1], &c, 1), 1);
    EXPECT_TRUE(loop->anything_rests());
}

class QbShortRest : public QbRest {
protected:
    QbShortRest() { longest = std::chrono::milliseconds(1); }
};

TEST_F(QbShortRest, EndsByItself) {
    ASSERT_NO_FATAL_FAILURE(rest());
    poke();
    while (target.calls.size() < 2)
        ASSERT_GT(io.run_one(), 0u);
    // And again, and for whom nothing more comes.
    while (loop->anything_rests()) {
        streams = false;
        ASSERT_GT(io.run_one(), 0u);
    }
}

}  // namespace
