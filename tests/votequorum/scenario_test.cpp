// The scenario table of spec votequorum.md section 9, row by row.

#include "tests/votequorum/story.hpp"

namespace vote_test {
namespace {

void two_node(Keys& keys) {
    keys.two_node = true;
}
void wait_for_all(Keys& keys) {
    keys.wait_for_all = true;
}
void last_man_standing(Keys& keys) {
    keys.last_man_standing = true;
}
void tie_breaker(Keys& keys) {
    keys.auto_tie_breaker = true;
}
void tracking(Keys& keys) {
    keys.expected_votes_tracking = true;
}
void downscale(Keys& keys) {
    keys.allow_downscale = true;
}
template <typename... Changes>
Story::Change both(Changes... changes) {
    return [=](Keys& keys) { (changes(keys), ...); };
}
Story::Change expected_votes(std::uint32_t votes) {
    return [=](Keys& keys) { keys.expected_votes = votes; };
}
Story::Change tie_breaker_node(const char* node) {
    return [=](Keys& keys) {
        tie_breaker(keys);
        keys.auto_tie_breaker_node = node;
    };
}
// No node list.
Keys only_expected(std::uint32_t votes) {
    Keys keys;
    keys.expected_votes = votes;
    return keys;
}
// Nodes with these votes, and the change that gives node i its own.
Keys with_votes(const std::vector<std::uint32_t>& votes) {
    Keys keys = nodelist(static_cast<std::uint32_t>(votes.size()));
    keys.nodelist->votes_sum = 0;
    for (const std::uint32_t one : votes)
        keys.nodelist->votes_sum += one;
    return keys;
}
Story::Change own_votes(std::uint32_t votes) {
    return [=](Keys& keys) { keys.nodelist->own_votes = votes; };
}

TEST(Plain, OneAndTwoNodes) {
    Story(nodelist(1)).up({1}).expect("{1} Y 1/1/1/1");  // A1
    Story(nodelist(2)).up({1}).expect("{1} N 2/2/2/1").up({2}).expect("* Y 2/2/2/2").kill({2}).expect("{1} N 2/2/2/1");
}

TEST(Plain, ThreeNodes) {
    Story(nodelist(3))  // A3
        .up({1})
        .expect("{1} N 2/3/3/1")
        .up({2})
        .expect("* Y 2/3/3/2")
        .up({3})
        .expect("* Y 2/3/3/3")
        .split({{1, 2}, {3}})
        .expect("{1,2} Y 2/3/3/2; {3} N 2/3/3/1")
        .merge()
        .expect("* Y 2/3/3/3");
}

TEST(Plain, Splits) {
    Story(nodelist(4)).up({1, 2, 3, 4}).split({{1, 2}, {3, 4}}).expect("* N 3/4/4/2");  // A4
    Story(nodelist(5))                                                                  // A5
        .up({1, 2, 3, 4, 5})
        .kill({4, 5})
        .expect("* Y 3/5/5/3")
        .kill({3})
        .expect("* N 3/5/5/2")
        .up({3})
        .expect("* Y 3/5/5/3");
    Story(nodelist(7))  // J1
        .up({1, 2, 3, 4, 5, 6, 7})
        .split({{1, 2, 3, 4}, {5, 6, 7}})
        .expect("{1,2,3,4} Y 4/7/7/4; {5,6,7} N 4/7/7/3");
    Story(nodelist(6)).up({1, 2, 3, 4, 5, 6}).split({{1, 2}, {3, 4}, {5, 6}}).expect("* N 4/6/6/2");  // J2
}

TEST(Plain, Votes) {
    Story(with_votes({3, 1, 1}))  // A6
        .differs(1, own_votes(3))
        .up({1, 2, 3})
        .split({{1}, {2, 3}})
        .expect("{1} Y 3/5/5/3; {2,3} N 3/5/5/2");
    Story(with_votes({1, 1, 1, 0}))  // A7
        .differs(4, own_votes(0))
        .up({1, 2, 3, 4})
        .split({{1, 2}, {3, 4}})
        .expect("{1,2} Y 2/3/3/2; {3,4} N 2/3/3/1");
}

TEST(Plain, ExpectedVotes) {
    Story(nodelist(3), expected_votes(5)).up({1}).expect("{1} N 3/5/5/1").up({2, 3}).expect("* Y 3/5/5/3");  // A8
    Story(nodelist(4), expected_votes(2))                                                                    // A9
        .up({1, 2})
        .expect("* Y 2/2/2/2")
        .up({3})
        .expect("* Y 2/3/3/3")
        .up({4})
        .expect("* Y 3/4/4/4")
        .kill({3, 4})
        .expect("* N 3/4/4/2");
    Story(only_expected(3), [](Keys& keys) { keys.votes = 2; }).up({1}).expect("{1} Y 2/3/3/2");  // A10
}

TEST(Plain, DifferentExpectedVotes) {
    Story(nodelist(5)).differs(5, expected_votes(3)).up({1, 2, 3, 4, 5}).expect("* Y 3/5/5/5");  // J4
    Story(nodelist(4))                                                                           // I4
        .differs(4, expected_votes(9))
        .up({1, 2, 3})
        .expect("* Y 3/4/4/3")
        .up({4})
        .expect("* Y 3/4/4/4");
    Story(nodelist(4))  // I6
        .differs(4, expected_votes(9))
        .boot(4)
        .expect("{4} N 5/9/9/1")
        .boot(1)
        .boot(2)
        .boot(3)
        .merge()
        .expect("{1,2,3} Y 3/4/4/4; {4} N 5/9/9/4");
}

TEST(TwoNode, Basics) {
    Story(nodelist(2), two_node)  // B1
        .up({1})
        .expect("{1} N 1/2/2/1 2N W w=1")
        .up({2})
        .expect("* Y 1/2/2/2 2N W w=0")
        .kill({2})
        .expect("{1} Y 1/2/2/1 2N W w=0")
        .up({2})
        .expect("* Y 1/2/2/2 2N W w=0");
    Story(nodelist(2), two_node).up({1, 2}).split({{1}, {2}}).expect("* Y 1/2/2/1 2N W w=0");       // B2
    Story(nodelist(2), two_node).up({1, 2}).kill({1, 2}).up({1}).expect("{1} N 1/2/2/1 2N W w=1");  // B3
    Story(nodelist(2), both(two_node, [](Keys& keys) { keys.wait_for_all = false; }))               // B4
        .up({1})
        .expect("{1} Y 1/2/2/1 2N");
}

TEST(TwoNode, OfThree) {
    Story(nodelist(3), two_node)  // B5
        .up({1, 2})
        .expect("* N 1/3/3/2 2N W w=1")
        .up({3})
        .expect("* Y 2/3/3/3 2N W w=0")
        .kill({2, 3})
        .expect("{1} Y 1/3/3/1 2N W w=0");
}

TEST(TwoNode, TieBreakerSwitchesItOff) {
    Story(nodelist(2), both(two_node, tie_breaker))  // B6
        .up({1, 2})
        .expect("* Y 2/2/2/2 W A w=0")
        .split({{1}, {2}})
        .expect("{1} Y 2/2/2/1 W A w=0; {2} N 2/2/2/1 W A w=1");
}

TEST(TwoNode, AtRunTime) {
    Story(nodelist(2))  // I1
        .up({1, 2})
        .reconfigure({1, 2}, two_node)
        .expect("* Y 1/2/2/2 2N W w=0")
        .kill({2})
        .expect("{1} Y 1/2/2/1 2N W w=0");
}

TEST(WaitForAll, FourNodes) {
    Story(nodelist(4), wait_for_all)  // C1
        .up({1, 2, 3})
        .expect("* N 3/4/4/3 W w=1")
        .up({4})
        .expect("* Y 3/4/4/4 W w=0")
        .kill({4})
        .expect("* Y 3/4/4/3 W w=0")
        .kill({3})
        .expect("* N 3/4/4/2 W w=1")
        .up({3})
        .expect("* N 3/4/4/3 W w=1");
}

TEST(WaitForAll, ThreeNodes) {
    Story(nodelist(3), wait_for_all).up({1, 2, 3}).kill({3}).up({3}).expect("* Y 2/3/3/3 W w=0");           // C2
    Story(nodelist(3), wait_for_all).up({1, 2}).cancel_wait(1).expect("* Y 2/3/3/2 W w=0");                 // C3
    Story(nodelist(3), wait_for_all).up({1, 2, 3}).kill({1, 2, 3}).up({1, 2}).expect("* N 2/3/3/2 W w=1");  // C4
    Story(nodelist(5), wait_for_all).up({1, 2}).cancel_wait(1).expect("* N 3/5/5/2 W w=1");                 // C5
    Story(nodelist(3), wait_for_all)                                                                        // C6
        .up({1, 2, 3})
        .split({{1}, {2, 3}})
        .expect("{1} N 2/3/3/1 W w=1; {2,3} Y 2/3/3/2 W w=0")
        .merge()
        .expect("* Y 2/3/3/3 W w=0");
}

TEST(LastManStanding, FourNodes) {
    Story(nodelist(4), last_man_standing)  // D1
        .up({1, 2, 3, 4})
        .kill({4})
        .expect("* Y 3/4/4/3 L")
        .wait(10)
        .expect("* Y 2/3/3/3 L")
        .kill({3})
        .expect("* Y 2/3/3/2 L")
        .wait(10)
        .expect("* Y 2/2/2/2 L")
        .kill({2})
        .expect("{1} N 2/2/2/1 L")
        .wait(10)
        .expect("{1} N 2/2/2/1 L");
    Story(nodelist(4), last_man_standing)  // D3
        .up({1, 2, 3, 4})
        .kill({4})
        .wait(5)
        .kill({3})
        .wait(10)
        .expect("* N 3/4/4/2 L");
    Story(nodelist(4), both(last_man_standing, [](Keys& keys) { keys.last_man_standing_window = 30000; }))  // D6
        .up({1, 2, 3, 4})
        .kill({4})
        .wait(20)
        .expect("* Y 3/4/4/3 L")
        .wait(10)
        .expect("* Y 2/3/3/3 L");
}

TEST(LastManStanding, WithWaitForAll) {
    Story(nodelist(5), both(last_man_standing, wait_for_all))  // D2
        .up({1, 2, 3, 4, 5})
        .kill({5})
        .wait(10)
        .kill({4})
        .wait(10)
        .kill({3})
        .wait(10)
        .expect("* Y 2/2/2/2 W L w=0")
        .kill({2})
        .expect("{1} N 2/2/2/1 W L w=1");
    Story(nodelist(4), both(last_man_standing, wait_for_all))  // D4
        .up({1, 2, 3, 4})
        .kill({4})
        .wait(10)
        .expect("* Y 2/3/3/3 W L")
        .up({4})
        .expect("* Y 3/4/4/4 W L");
}

TEST(LastManStanding, NeedsOneVoteEach) {
    Story(with_votes({2, 1, 1}), last_man_standing)  // D5
        .differs(1, both(last_man_standing, own_votes(2)))
        .up({1, 2, 3})
        .expect("* Y 3/4/4/4")
        .kill({3})
        .wait(10)
        .expect("{1,2} Y 3/4/4/3");
}

TEST(LastManStanding, WithTieBreaker) {
    Story(nodelist(4), both(last_man_standing, tie_breaker))  // D7
        .up({1, 2, 3, 4})
        .kill({4})
        .wait(10)
        .kill({3})
        .wait(10)
        .expect("* Y 2/2/2/2 L A")
        .kill({2})
        .expect("{1} Y 2/2/2/1 L A")
        .wait(10)
        .expect("{1} Y 1/1/1/1 L A");
}

TEST(TieBreaker, Halves) {
    Story(nodelist(4), tie_breaker)  // E1
        .up({1, 2, 3, 4})
        .split({{1, 2}, {3, 4}})
        .expect("{1,2} Y 3/4/4/2 A; {3,4} N 3/4/4/2 A")
        .merge()
        .expect("* Y 3/4/4/4 A");
    Story(nodelist(4), tie_breaker_node("highest"))  // E2
        .up({1, 2, 3, 4})
        .split({{1, 2}, {3, 4}})
        .expect("{1,2} N 3/4/4/2 A; {3,4} Y 3/4/4/2 A");
    Story(nodelist(4), tie_breaker_node("3 1"))  // E3
        .up({1, 2, 3, 4})
        .split({{1, 2}, {3, 4}})
        .expect("{1,2} N 3/4/4/2 A; {3,4} Y 3/4/4/2 A");
    Story(nodelist(4), tie_breaker_node("3 1"))  // E4
        .up({1, 2, 3, 4})
        .kill({3})
        .split({{1, 2}, {4}})
        .expect("{1,2} Y 3/4/4/2 A; {4} N 3/4/4/1 A");
    Story(nodelist(4), tie_breaker).up({1, 2}).expect("* N 3/4/4/2 A");  // E8
    Story(nodelist(2), tie_breaker)                                      // E9
        .up({1, 2})
        .split({{1}, {2}})
        .expect("{1} Y 2/2/2/1 A; {2} N 2/2/2/1 A")
        .merge()
        .kill({1})
        .expect("{2} N 2/2/2/1 A");
    Story(nodelist(4), tie_breaker_node("foo")).up({1, 2, 3, 4}).split({{1, 2}, {3, 4}}).expect("* N 3/4/4/2");  // E10
    Story(nodelist(6), tie_breaker)                                                                              // E11
        .up({1, 2, 3, 4, 5, 6})
        .kill({6})
        .split({{1, 2, 3}, {4, 5}})
        .expect("{1,2,3} Y 4/6/6/3 A; {4,5} N 4/6/6/2 A");
}

TEST(TieBreaker, OddClusters) {
    Story(nodelist(3), tie_breaker)  // E5
        .up({1, 2, 3})
        .expect("* Y 2/3/3/3")
        .split({{1, 2}, {3}})
        .expect("{1,2} Y 2/3/3/2; {3} N 2/3/3/1");
    Story(nodelist(5), both(tie_breaker, wait_for_all))  // E6
        .up({1, 2, 3, 4, 5})
        .split({{1, 2}, {3, 4, 5}})
        .expect("{1,2} N 3/5/5/2 W A w=1; {3,4,5} Y 3/5/5/3 W A");
    Story(nodelist(5), both(tie_breaker, wait_for_all))  // E7
        .up({1, 2, 3, 4, 5})
        .kill({5})
        .split({{1, 2}, {3, 4}})
        .expect("{1,2} Y 3/5/5/2 W A; {3,4} N 3/5/5/2 W A w=1");
}

TEST(Downscale, CleanLeaves) {
    Story(nodelist(5), downscale)  // F1
        .up({1, 2, 3, 4, 5})
        .expect("* Y 3/5/5/5 D")
        .check([](Cluster& cluster) {
            EXPECT_EQ(cluster.machine(1).published().ev_barrier, 5u);
            EXPECT_EQ(cluster.machine(1).published().ev_tracking_barrier, 5u);
        })
        .leave({5})
        .expect("* Y 3/4/4/4 D")
        .leave({4})
        .expect("* Y 3/3/3/3 D")
        .leave({3})
        .expect("* N 3/2/2/2 D");
    Story(nodelist(5))  // F4
        .up({1, 2, 3, 4, 5})
        .leave({5})
        .expect("* Y 3/5/5/4")
        .leave({4})
        .expect("* Y 3/5/5/3")
        .leave({3})
        .expect("* N 3/5/5/2");
}

TEST(Downscale, WithoutNodeList) {
    Story growing(only_expected(3), downscale);  // F2
    growing.up({1}).expect("{1} Y 1/1/1/1 D").up({2}).expect("* Y 2/2/2/2 D").up({3}).expect("* Y 2/3/3/3 D");
    growing.up({4}).expect("* Y 3/4/4/4 D").up({5}).expect("* Y 3/5/5/5 D");
    growing.leave({5}).expect("* Y 3/4/4/4 D").leave({4}).expect("* Y 2/3/3/3 D");
    growing.leave({3}).expect("* Y 2/2/2/2 D").leave({2}).expect("{1} Y 1/1/1/1 D");
    Story(only_expected(3), downscale).up({1, 2, 3, 4, 5}).kill({4, 5}).expect("* Y 3/5/5/3 D");  // F3c
}

TEST(Tracking, RemembersTheMost) {
    Story(only_expected(3), tracking)  // F3a, F3b
        .up({1, 2, 3})
        .expect("* Y 2/3/3/3")
        .check([](Cluster& cluster) { EXPECT_EQ(cluster.machine(1).published().ev_tracking_barrier, 3u); })
        .up({4, 5})
        .expect("* Y 3/5/5/5")
        .kill({4, 5})
        .expect("* Y 3/5/5/3")
        .check([](Cluster& cluster) { EXPECT_EQ(cluster.at(1).stored, 5u); });
    Story(nodelist(3), tracking)  // K1
        .barrier_on_disk(5)
        .up({1, 2, 3})
        .expect("* Y 3/5/5/3")
        .kill({3})
        .expect("* N 3/5/5/2");
}

TEST(Tools, SetExpected) {
    const auto barrier = [](std::uint32_t votes) {
        return [votes](Cluster& cluster) {
            for (const NodeId node : cluster.all())
                EXPECT_EQ(cluster.machine(node).published().ev_barrier, votes);
        };
    };
    Story(nodelist(5))
        .up({1, 2, 3, 4, 5})
        .kill({3, 4, 5})
        .set_expected(1, 2)
        .expect("* Y 2/2/2/2")
        .check(barrier(2));                                                                                     // G1
    Story(nodelist(3)).up({1, 2, 3}).set_expected(1, 2, vote::Result::invalid_param).expect("* Y 2/3/3/3");     // G2
    Story(nodelist(3)).up({1, 2, 3}).set_expected(1, 7, vote::Result::invalid_param).expect("* Y 2/3/3/3");     // G3
    Story(nodelist(3)).up({1, 2, 3}).set_expected(1, 5).expect("* Y 3/5/5/3").kill({3}).expect("* N 3/5/5/2");  // G4
    Story(nodelist(2))
        .up({1, 2})
        .kill({2})
        .set_expected(1, 1)
        .expect("{1} Y 1/1/1/1")
        .up({2})
        .expect("* Y 2/2/2/2");  // G5
    Story(nodelist(5))           // J3
        .up({1, 2, 3, 4, 5})
        .kill({4, 5})
        .set_expected(1, 3)
        .expect("* Y 2/3/3/3")
        .up({4})
        .expect("* Y 3/4/4/4")
        .up({5})
        .expect("* Y 3/5/5/5");
    Story(nodelist(3))  // I5: two quorate sides, as ordered
        .up({1, 2, 3})
        .split({{1, 2}, {3}})
        .set_expected(3, 1)
        .expect("{1,2} Y 2/3/3/2; {3} Y 1/1/1/1")
        .merge()
        .expect("* Y 2/3/3/3");
}

TEST(Tools, SetVotes) {
    Story(nodelist(3)).up({1, 2, 3}).set_votes(1, 1, 3).expect("* Y 3/5/5/5");  // G6
    Story(nodelist(3))                                                          // G7
        .up({1, 2, 3})
        .set_votes(1, 3, 0)
        .expect("* Y 2/3/3/2")
        .kill({2})
        .expect("{1,3} N 2/3/3/1");
    Story(nodelist(3)).up({1, 2, 3}).set_votes(1, 9, 2, vote::Result::name_not_found);  // G8
    Story(nodelist(5)).up({1, 2}).set_votes(1, 1, 3).expect("* Y 3/5/5/4");             // G9
}

TEST(RunTime, ExpectedVotesAndNodeList) {
    Story(nodelist(3))  // I2
        .up({1, 2, 3})
        .reconfigure({1}, expected_votes(5))
        .expect("* Y 3/5/5/3")
        .check([](Cluster& cluster) {
            for (const NodeId node : cluster.all())
                EXPECT_EQ(cluster.machine(node).published().ev_barrier, 5u);
        });
    Story(nodelist(3))  // I3
        .up({1, 2, 3})
        .reconfigure({1, 2, 3}, [](Keys& keys) { keys.nodelist = nodelist(4).nodelist; })
        .expect("* Y 3/4/4/3");
}

TEST(Device, TwoNodes) {
    Story(nodelist(2), device)  // H1
        .up({1, 2})
        .expect("* Y 2/3/3/2")
        .enrol({1, 2})
        .expect("* Y 2/3/3/2")
        .poll({1, 2})
        .expect("* Y 2/3/3/3")
        .split_with_polls({{1}, {2}}, {1}, {2})
        .expect("{1} Y 2/3/3/2; {2} N 2/3/3/1");  // H3
    Story(nodelist(2), device)                    // H4
        .up({1, 2})
        .enrol({1, 2})
        .poll({1, 2})
        .wait(10)
        .expect("* Y 2/3/3/2")
        .kill({2})
        .expect("{1} N 2/3/3/1");
}

TEST(Device, FourNodes) {
    const auto four = [](Keys& keys) { keys.device_model = "net"; };
    Story(nodelist(4), four)  // H2a to H2c
        .up({1, 2, 3, 4})
        .expect("* Y 4/7/7/4")
        .enrol({1, 2, 3, 4})
        .poll({1, 2, 3, 4})
        .expect("* Y 4/7/7/7")
        .split_with_polls({{1}, {2, 3, 4}}, {1}, {2, 3, 4})
        .expect("{1} Y 4/7/7/4; {2,3,4} N 4/7/7/3");
    Story(nodelist(4), four)  // H2d
        .up({1, 2, 3, 4})
        .enrol({1, 2, 3, 4})
        .poll({1, 2, 3, 4})
        .check([](Cluster& cluster) {
            const auto before = cluster.now;
            cluster.kill({3, 4});
            EXPECT_EQ(cluster.now - before, std::chrono::seconds(30)) << "the synchronisation waits for the device";
        })
        .expect("* N 4/7/7/2");
}

TEST(Device, MasterWins) {
    Story story(nodelist(4), both(device, expected_votes(5)));  // H5
    story.up({1, 2, 3, 4}).enrol({1, 2, 3, 4}).poll({1}).poll({2, 3, 4}, false);
    for (const NodeId node : story.cluster.all())
        EXPECT_EQ(story.cluster.machine(node).set_master_wins(kDevice, true, {}), vote::Result::ok);
    story.cluster.deliver();
    story.split_with_polls({{1, 2}, {3, 4}}, {1}, {2, 3, 4});
    story.expect("{1} Y 3/5/5/3; {2} Y 3/5/5/2; {3,4} N 3/5/5/2");
    story.split_with_polls({{1}, {2}}, {1}, {2});
    story.expect("{1} Y 3/5/5/2; {2} N 3/5/5/1");
}

TEST(Device, Unregistered) {
    Story story(nodelist(2), device);  // H6
    story.up({1, 2}).enrol({1, 2}).poll({1, 2});
    EXPECT_EQ(story.cluster.machine(1).unregister_device(kDevice, {}), vote::Result::ok);
    story.cluster.deliver();
    story.expect("{1} Y 2/3/3/2; {2} Y 2/3/3/3");
    story.split_with_polls({{1}, {2}}, {}, {2});
    story.expect("{1} N 2/3/3/1");
}

TEST(Device, OneNameForAll) {
    Story(nodelist(2), device)  // H7
        .up({1, 2})
        .enrol({1})
        .enrol({1, 2}, "OTHER", vote::Result::exist)
        .enrol({1, 2});
}

struct Refused {
    const char* row;
    Keys keys;
    const char* text;
};

std::vector<Refused> refused() {
    const auto with = [](std::uint32_t nodes, const Story::Change& change) {
        Keys keys = nodelist(nodes);
        change(keys);
        return keys;
    };
    const auto net = [](Keys& keys) { keys.device_model = "net"; };
    Keys odd_votes = with_votes({2, 1});
    net(odd_votes);
    return {
        {"A11", Keys{}, "nodelist or quorum.expected_votes must be configured!"},
        {"B7", with(2, both(two_node, device)), "two_node and quorum device cannot be configured at the same time!"},
        {"D8", with(3, both(last_man_standing, tie_breaker)),
         "auto_tie_breaker & last_man_standing not available in odd sized cluster"},
        {"H8", with(2, both(device, last_man_standing)), "quorum.device is not compatible with last_man_standing"},
        {"H9", with(2, both(device, tie_breaker)), "quorum.device is not compatible with auto_tie_breaker"},
        {"H10", with(2, both(device, downscale)), "quorum.device is not compatible with allow_downscale"},
        {"H11", with(2, both(net, expected_votes(3))),
         "quorum.device.votes must be specified when quorum.expected_votes is set"},
        {"H12", odd_votes, "quorum.device.votes must be specified when not all nodes votes 1"},
        {"H13", with(2, both(device, [](Keys& keys) { keys.device_votes = 2; })),
         "quorum.device.votes is too high or expected_votes is too low"},
    };
}

TEST(Start, IsRefused) {
    for (const Refused& row : refused())
        EXPECT_EQ(vote::read(row.keys).failure, std::string("configuration error: ") + row.text) << row.row;
}

}  // namespace
}  // namespace vote_test
