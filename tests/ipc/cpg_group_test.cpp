// Joining, leaving, membership and iteration by unmodified libcpg programs (client-ipc.md 7.2 to 7.5).

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/ipc/cpg_client.hpp"
#include "tests/ipc/isolation.hpp"
#include "tests/ipc/test_node.hpp"

namespace ipc_test {
namespace {

class CpgGroup : public ::testing::Test {
protected:
    void SetUp() override {
        if (!isolated()) GTEST_SKIP() << "NOT TESTED, needs the right to enter namespaces";
        node = std::make_unique<TestNode>();
    }
    std::unique_ptr<TestNode> node;
    const std::uint32_t pid = static_cast<std::uint32_t>(::getpid());
};

TEST_F(CpgGroup, JoinAnswersAndTellsTheJoiner) {
    CpgClient client;
    ASSERT_EQ(client.opened, CS_OK);
    EXPECT_EQ(client.leave("g"), CS_ERR_NOT_EXIST);
    ASSERT_TRUE(client.joined("g"));
    EXPECT_EQ(client.join("g"), CS_ERR_EXIST);
    ASSERT_EQ(client.confchgs.size(), 1u);
    const Confchg& change = client.confchgs[0];
    EXPECT_EQ(change.group, "g");
    ASSERT_EQ(change.members.size(), 1u);
    EXPECT_EQ(change.members[0].nodeid, kLocal);
    EXPECT_EQ(change.members[0].pid, pid);
    EXPECT_EQ(change.members[0].reason, 0u);
    ASSERT_EQ(change.joined.size(), 1u);
    EXPECT_EQ(change.joined[0].reason, static_cast<unsigned>(CPG_REASON_JOIN));
    EXPECT_TRUE(change.left.empty());
}

TEST_F(CpgGroup, AConnectionCanJoinAgainAfterItLeft) {
    CpgClient client;
    ASSERT_TRUE(client.joined("first"));
    ASSERT_EQ(client.leave("first"), CS_OK);
    ASSERT_TRUE(client.dispatch_until([&] { return client.confchgs.size() == 2; }));
    ASSERT_EQ(client.confchgs[1].left.size(), 1u);
    EXPECT_EQ(client.confchgs[1].left[0].reason, static_cast<unsigned>(CPG_REASON_LEAVE));
    EXPECT_TRUE(client.confchgs[1].members.empty());
    ASSERT_TRUE(client.joined("first"));
    ASSERT_EQ(client.leave("first"), CS_OK);
    ASSERT_TRUE(client.dispatch_until([&] { return client.confchgs.size() == 4; }));
    ASSERT_TRUE(client.joined("second"));
    EXPECT_EQ(client.confchgs.back().group, "second");
    ASSERT_EQ(client.mcast("still works"), CS_OK);
    EXPECT_TRUE(client.dispatch_until([&] { return client.deliveries.size() == 1; }));
}

TEST_F(CpgGroup, InitialTotemConfchgFollowsTheFirstConfchg) {
    CpgClient client(CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF);
    ASSERT_TRUE(client.joined("g"));
    ASSERT_TRUE(client.dispatch_until([&] { return client.totem_confchgs.size() == 1; }));
    EXPECT_EQ(client.totem_confchgs[0].confchgs_before, 1u);
    EXPECT_EQ(client.totem_confchgs[0].members, std::vector<std::uint32_t>{kLocal});
    EXPECT_EQ(client.totem_confchgs[0].ring.nodeid, kLocal);
    EXPECT_EQ(client.totem_confchgs[0].ring.seq, 4u);
}

TEST_F(CpgGroup, EveryConnectionHearsOfARingChange) {
    CpgClient bystander, member;
    ASSERT_EQ(bystander.opened, CS_OK);
    ASSERT_TRUE(member.joined("g"));
    node->remote_process(0, 9, 99, "g", CPG_REASON_JOIN);
    node->begin_sync({kLocal}, {kLocal}, 8);
    node->end_sync();
    ASSERT_TRUE(bystander.dispatch_until([&] { return bystander.totem_confchgs.size() == 1; }));
    EXPECT_EQ(bystander.totem_confchgs[0].ring.seq, 8u);
    EXPECT_TRUE(bystander.confchgs.empty());
    ASSERT_TRUE(member.dispatch_until([&] { return member.totem_confchgs.size() == 1; }));
    ASSERT_EQ(member.confchgs.size(), 3u);  // own join, remote join, remote gone with its node
    ASSERT_EQ(member.confchgs[1].members.size(), 2u);
    EXPECT_EQ(member.confchgs[1].members[1].nodeid, 9u);
    ASSERT_EQ(member.confchgs[2].left.size(), 1u);
    EXPECT_EQ(member.confchgs[2].left[0].pid, 99u);
    EXPECT_EQ(member.totem_confchgs[0].confchgs_before, 3u);
}

TEST_F(CpgGroup, MembersAreListedBeforeLeftAndJoined) {
    CpgClient client;
    ASSERT_TRUE(client.joined("g"));
    node->remote_process(0, 3, 30, "g", CPG_REASON_JOIN);
    node->remote_process(0, 3, 31, "g", CPG_REASON_JOIN);
    node->remote_process(1, 3, 30, "g", CPG_REASON_PROCDOWN);
    ASSERT_TRUE(client.dispatch_until([&] { return client.confchgs.size() == 4; }));
    const Confchg& change = client.confchgs.back();
    ASSERT_EQ(change.members.size(), 2u);
    EXPECT_EQ(change.members[0].nodeid, 3u);
    EXPECT_EQ(change.members[0].pid, 31u);
    EXPECT_EQ(change.members[1].nodeid, kLocal);
    ASSERT_EQ(change.left.size(), 1u);
    EXPECT_EQ(change.left[0].pid, 30u);
    EXPECT_EQ(change.left[0].reason, static_cast<unsigned>(CPG_REASON_PROCDOWN));
}

TEST_F(CpgGroup, ListsAreCutToWhatAClientCanHold) {
    CpgClient client;
    ASSERT_TRUE(client.joined("g"));
    for (std::uint32_t i = 0; i < CPG_MEMBERS_MAX + 2; ++i)
        node->remote_process(0, 9, 100 + i, "g", CPG_REASON_JOIN);
    ASSERT_TRUE(client.dispatch_until([&] { return client.confchgs.size() == CPG_MEMBERS_MAX + 3; }));
    EXPECT_EQ(client.confchgs.back().members.size(), static_cast<std::size_t>(CPG_MEMBERS_MAX));
    EXPECT_EQ(client.confchgs.back().joined.size(), 1u);
}

TEST_F(CpgGroup, MembershipAndLocalNode) {
    CpgClient client, asker;
    ASSERT_TRUE(client.joined("g"));
    node->remote_process(0, 9, 99, "g", CPG_REASON_JOIN);
    cpg_name name = name_of("g");
    cpg_address members[CPG_MEMBERS_MAX];
    int count = CPG_MEMBERS_MAX;
    ASSERT_EQ(cpg_membership_get(asker.handle, &name, members, &count), CS_OK);
    ASSERT_EQ(count, 2);
    EXPECT_EQ(members[0].nodeid, kLocal);
    EXPECT_EQ(members[0].pid, pid);
    EXPECT_EQ(members[1].nodeid, 9u);
    name = name_of("nobody");
    ASSERT_EQ(cpg_membership_get(asker.handle, &name, members, &count), CS_OK);
    EXPECT_EQ(count, 0);
    unsigned local = 0;
    ASSERT_EQ(cpg_local_get(asker.handle, &local), CS_OK);
    EXPECT_EQ(local, kLocal);
}

std::vector<cpg_iteration_description_t> iterate(CpgClient& client, cpg_iteration_type_t type, std::string_view group) {
    const cpg_name name = name_of(group);
    cpg_iteration_handle_t handle;
    std::vector<cpg_iteration_description_t> entries;
    const cpg_name* filter = type == CPG_ITERATION_ONE_GROUP ? &name : nullptr;  // the library refuses others
    if (cpg_iteration_initialize(client.handle, type, filter, &handle) != CS_OK) return entries;
    cpg_iteration_description_t entry;
    cs_error_t result;
    while ((result = cpg_iteration_next(handle, &entry)) == CS_OK)
        entries.push_back(entry);
    EXPECT_EQ(result, CS_ERR_NO_SECTIONS);
    EXPECT_EQ(cpg_iteration_finalize(handle), CS_OK);
    return entries;
}

TEST_F(CpgGroup, Iteration) {
    CpgClient a, b, c;
    ASSERT_TRUE(a.joined("one"));
    ASSERT_TRUE(b.joined("two"));
    node->remote_process(0, 9, 99, "one", CPG_REASON_JOIN);
    EXPECT_EQ(iterate(c, CPG_ITERATION_NAME_ONLY, "").size(), 2u);
    const auto one = iterate(c, CPG_ITERATION_ONE_GROUP, "one");
    ASSERT_EQ(one.size(), 2u);
    EXPECT_EQ(std::string(one[0].group.value, one[0].group.length), "one");
    const auto all = iterate(c, CPG_ITERATION_ALL, "");
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(iterate(c, CPG_ITERATION_ONE_GROUP, "none").size(), 0u);
    int groups_begun = 1;
    for (std::size_t i = 1; i < all.size(); ++i)
        groups_begun += all[i].group.length != all[i - 1].group.length ||
                        std::string_view(all[i].group.value, 3) != std::string_view(all[i - 1].group.value, 3);
    EXPECT_EQ(groups_begun, 2) << "entries of one group are contiguous";
}

TEST_F(CpgGroup, FinalizeLeavesTheGroup) {
    CpgClient stays;
    ASSERT_TRUE(stays.joined("g"));
    Child child({"join", "g"});
    ASSERT_EQ(child.read_line(), "joined");
    auto other = std::make_unique<CpgClient>();
    ASSERT_EQ(other->join("g"), CS_ERR_EXIST) << "same pid and group";
    ASSERT_TRUE(other->joined("other"));
    EXPECT_EQ(other->finalize(), CS_OK);
    // The procleave follows when the socket closes, which the server hears of after finalize returned.
    const auto groups = [&] { return iterate(stays, CPG_ITERATION_NAME_ONLY, "").size(); };
    const auto deadline = std::chrono::steady_clock::now() + milliseconds(10000);
    while (groups() != 1 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_EQ(groups(), 1u);
}

}  // namespace
}  // namespace ipc_test
