// Answers that are late, and answers that come all the same.
#include "cfs/daemon/patience.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <future>
#include <vector>

namespace cfs::daemon {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(Patience, AnAnswerInTimeIsTheAnswer) {
    Patience patience(hours(1), [](const std::string& path) { FAIL() << path; });
    std::vector<std::int64_t> answers;
    const auto first = patience.watch("a", [&](std::int64_t result) { answers.push_back(result); });
    const auto second = patience.watch("b", [&](std::int64_t result) { answers.push_back(result); });
    second(2);
    first(-EACCES);
    EXPECT_EQ(answers, (std::vector<std::int64_t>{2, -EACCES}));
}

TEST(Patience, AnAnswerThatDoesNotComeIsATimeout) {
    std::promise<std::string> late;
    std::promise<std::int64_t> answered;
    Patience patience(milliseconds(1), [&](const std::string& path) { late.set_value(path); });
    const auto done = patience.watch("nodes/a", [&](std::int64_t result) { answered.set_value(result); });
    EXPECT_EQ(late.get_future().get(), "nodes/a");
    EXPECT_EQ(answered.get_future().get(), -ETIMEDOUT);
    done(7);  // too late: nobody hears it, and a second set_value would throw
}

TEST(Patience, OneThatIsAnsweredDoesNotHideTheNext) {
    std::promise<void> late;
    int told = 0;
    Patience patience(milliseconds(20), [&](const std::string&) { ++told; });
    const auto first = patience.watch("first", [](std::int64_t) {});
    const auto second = patience.watch("second", [&](std::int64_t) { late.set_value(); });
    first(0);
    late.get_future().get();
    EXPECT_EQ(told, 1);
}

TEST(Patience, WhatNeverIsAnsweredDoesNotHoldUpTheEnd) {
    bool answered = false;
    {
        Patience patience(hours(1), [](const std::string&) {});
        (void)patience.watch("a", [&](std::int64_t) { answered = true; });
    }
    EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace cfs::daemon
