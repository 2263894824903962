// What would be left of quorum (spec votequorum.md section 4).
#include "pvecm/quorum/what_if.hpp"

#include <gtest/gtest.h>

namespace pvecm::quorum {
namespace {

Model model(unsigned nodes, const std::string& quorum = {}) {
    std::string text =
        "totem {\n  version: 2\n  config_version: 1\n  cluster_name: test\n  secauth: on\n}\nnodelist {\n";
    for (unsigned node = 1; node <= nodes; ++node) {
        const auto id = std::to_string(node);
        text += "  node {\n    name: hp" + id + "\n    nodeid: " + id + "\n    ring0_addr: 10.77.0." + id + "\n  }\n";
    }
    return model_of(text + "}\nquorum {\n  provider: corosync_votequorum\n" + quorum + "}\n", "a.conf");
}

Answer without(const Model& of, const NodeIds& gone, bool device = false) {
    return ask(of, all_present(of), {.nodes = gone, .device = device});
}

TEST(WhatIf, CountsVotes) {
    const Model four = model(4);
    const Answer one = without(four, {4});
    EXPECT_EQ(one.now, (Count{.votes = 4, .expected = 4, .quorum = 3, .quorate = true}));
    EXPECT_EQ(one.then, (Count{.votes = 3, .expected = 4, .quorum = 3, .quorate = true}));
    const Answer two = without(four, {3, 4});
    EXPECT_EQ(two.then, (Count{.votes = 2, .expected = 4, .quorum = 3, .quorate = false}));
    EXPECT_EQ(two.left, (NodeIds{1, 2}));
    EXPECT_EQ(two.remedy, 2U);
    EXPECT_TRUE(without(four, {1, 2, 3, 4}).left.empty());
}

TEST(WhatIf, StartsFromWhatIs) {
    const Model four = model(4);
    Present present = all_present(four);
    present.up = {1, 2, 3};
    EXPECT_FALSE(ask(four, present, {.nodes = {3}}).then.quorate);
    present.expected = 3;
    EXPECT_TRUE(ask(four, present, {.nodes = {3}}).then.quorate) << "as after 'pvecm expected 3'";
    present.votes[1] = 3;
    EXPECT_EQ(ask(four, present, {}).now.votes, 5U);
}

TEST(WhatIf, KnowsTwoNode) {
    const Model two = model(2, "  two_node: 1\n");
    EXPECT_TRUE(without(two, {2}).then.quorate);
    // Not before both have been there once.
    const Answer alone = ask(two, {.up = {1}, .quorate = false}, {});
    EXPECT_FALSE(alone.now.quorate);
    EXPECT_TRUE(alone.now.waiting_for_all);
    EXPECT_FALSE(without(model(2), {2}).then.quorate);
}

TEST(WhatIf, KnowsTheTieBreaker) {
    const Model four = model(4, "  auto_tie_breaker: 1\n");
    EXPECT_TRUE(without(four, {3, 4}).then.quorate);
    EXPECT_FALSE(without(four, {1, 2}).then.quorate);
}

TEST(WhatIf, KnowsTheLastManStanding) {
    const Model four = model(4, "  last_man_standing: 1\n  wait_for_all: 1\n");
    const Answer one = without(four, {4});
    ASSERT_TRUE(one.later);
    EXPECT_EQ(one.later->expected, 3U);
    const Answer two = without(four, {3, 4});
    EXPECT_FALSE(two.then.quorate);
    ASSERT_TRUE(two.one_by_one);
    EXPECT_TRUE(two.one_by_one->quorate);
}

TEST(WhatIf, KnowsTheDevice) {
    const Model two = model(2, "  device {\n    model: net\n    votes: 1\n  }\n");
    EXPECT_EQ(without(two, {}).now, (Count{.votes = 3, .expected = 3, .quorum = 2, .quorate = true}));
    EXPECT_TRUE(without(two, {1}).then.quorate);
    EXPECT_TRUE(without(two, {2}).then.quorate);
    EXPECT_TRUE(without(two, {}, true).then.quorate);
    EXPECT_FALSE(without(two, {2}, true).then.quorate);
}

}  // namespace
}  // namespace pvecm::quorum
