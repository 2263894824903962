// QUORUM: the provider's verdict and the lists of a synchronisation. Spec totempg-sync-services.md section 13.

#include "engine/services/quorum/quorum_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/fake_sender.hpp"

namespace engine::quorum {
namespace {

using test::init;
using ::testing::ElementsAre;
using Lists = std::vector<std::vector<NodeId>>;

Lists lists_of(std::span<const NodeId> a, std::span<const NodeId> b, std::span<const NodeId> c) {
    return {{a.begin(), a.end()}, {b.begin(), b.end()}, {c.begin(), c.end()}};
}

struct Listener final : QuorumEvents, QuorumClients {
    void sync_lists(std::span<const NodeId> members, std::span<const NodeId> joined,
                    std::span<const NodeId> left) override {
        synced = lists_of(members, joined, left);
    }
    void quorum_reported(bool quorate, bool changed, std::span<const NodeId> members) override {
        told.push_back(std::string(quorate ? "quorate" : "inquorate") + (changed ? " changed " : " ") +
                       std::to_string(members.size()));
    }
    void nodelist(const totem::RingId& ring, std::span<const NodeId> members, std::span<const NodeId> joined,
                  std::span<const NodeId> left) override {
        told.push_back("list " + std::to_string(ring.seq));
        active = lists_of(members, joined, left);
    }
    void quorum_changed() override { told.emplace_back("clients"); }

    Lists synced, active;
    std::vector<std::string> told;
};

TEST(Quorum, ListsAreRelativeToTheLastActivatedMembership) {
    Listener heard;
    QuorumService service(totem::Dialect::v3, true, heard);
    service.attach(heard);
    init(service, {}, {1});
    EXPECT_EQ(heard.synced, (Lists{{1}, {1}, {}}));
    EXPECT_TRUE(service.participant()->sync_process({}));
    service.participant()->sync_activate({});
    init(service, {1}, {1, 2, 3});
    EXPECT_EQ(heard.synced, (Lists{{1, 2, 3}, {2, 3}, {}}));
    service.participant()->sync_activate({});
    init(service, {1, 2}, {1, 2});  // abandoned
    EXPECT_EQ(heard.synced, (Lists{{1, 2}, {}, {3}}));
    EXPECT_THAT(service.members(), ElementsAre(1, 2, 3));
    init(service, {1, 2}, {1, 2, 3});  // 3 is back, but did not come with us
    EXPECT_EQ(heard.synced, (Lists{{1, 2, 3}, {3}, {3}}));
    service.participant()->sync_activate({});
    EXPECT_EQ(heard.active, heard.synced);
    EXPECT_THAT(heard.told, ElementsAre("list 4", "list 4", "list 4"));
}

TEST(Quorum, ProviderIsHeard) {
    Listener heard;
    QuorumService service(totem::Dialect::v3, true, heard);
    service.attach(heard);
    EXPECT_FALSE(service.quorate()) << "until told";
    const std::vector<NodeId> members{1, 2};
    service.quorum_state(false, test::ring(1, 8), members);
    service.quorum_state(true, test::ring(1, 12), members);
    service.quorum_state(true, test::ring(1, 12), members);
    EXPECT_THAT(heard.told,
                ElementsAre("inquorate 2", "clients", "quorate changed 2", "clients", "quorate 2", "clients"));
    EXPECT_TRUE(service.quorate());
    EXPECT_EQ(service.view_ring().seq, 12u);
    EXPECT_THAT(service.view(), ElementsAre(1, 2));
}

TEST(Quorum, WithoutProviderIsAlwaysQuorate) {
    Listener heard;
    EXPECT_TRUE(QuorumService(totem::Dialect::v3, false, heard).quorate());
}

// No barrier there, but the lists come all the same, before the verdict.
TEST(Quorum, In2xTheProviderBringsTheLists) {
    Listener heard;
    QuorumService service(totem::Dialect::v2, true, heard);
    service.attach(heard);
    EXPECT_EQ(service.participant(), nullptr);
    service.quorum_state(false, test::ring(1, 4), std::vector<NodeId>{1});
    service.quorum_state(true, test::ring(1, 8), std::vector<NodeId>{1, 2});
    EXPECT_EQ(heard.active, (Lists{{1, 2}, {2}, {}}));
    service.quorum_state(false, test::ring(1, 8), std::vector<NodeId>{1, 2});
    EXPECT_THAT(heard.told, ElementsAre("list 4", "inquorate 1", "clients", "list 8", "quorate changed 2", "clients",
                                        "inquorate changed 2", "clients"));
}

}  // namespace
}  // namespace engine::quorum
