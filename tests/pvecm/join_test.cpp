// Joining: what is asked of a member, and what is remembered of a join that did not end (pvecm.md section 6).
#include <gtest/gtest.h>

#include <filesystem>

#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/join/check.hpp"
#include "pvecm/join/journal.hpp"
#include "pvecm/join/member.hpp"
#include "tests/support/temporary_directory.hpp"

namespace pvecm::join {
namespace {

TEST(Member, IsAskedInTheWordsItKnows) {
    JoinRequest request{.node = "hp2", .nodeid = {}, .votes = {}, .links = {}, .fallback = "10.0.0.2"};
    EXPECT_EQ(Member::add_node_words(request, std::nullopt),
              (Words{"addnode", "hp2", "--force", "1", "--ring0_addr", "10.0.0.2"}));
    EXPECT_EQ(Member::add_node_words(request, 1),
              (Words{"addnode", "hp2", "--force", "1", "--new_node_ip", "10.0.0.2", "--apiversion", "1"}));
    request.nodeid = 4;
    request.votes = 0;
    request.links = {{0, {.address = "10.1.0.2"}}, {1, {.address = "10.2.0.2", .priority = 9}}};
    EXPECT_EQ(Member::add_node_words(request, std::nullopt),
              (Words{"addnode", "hp2", "--force", "1", "--nodeid", "4", "--votes", "0", "--ring0_addr", "10.1.0.2",
                     "--ring1_addr", "10.2.0.2"}));
    EXPECT_EQ(Member::add_node_words(request, 1),
              (Words{"addnode", "hp2", "--force", "1", "--nodeid", "4", "--votes", "0", "--link0", "10.1.0.2",
                     "--link1", "10.2.0.2,priority=9", "--apiversion", "1"}));
}

TEST(Check, WantsAddressesOfThisNode) {
    EXPECT_EQ(address_finding("ring0", "127.0.0.1"), "");
    EXPECT_EQ(address_finding("ring0", "192.0.2.77"),
              "ring0: cannot use IP '192.0.2.77', it must be configured exactly once on local node!\n");
    EXPECT_EQ(address_finding("link1", "no-such-host.invalid").find("link1: cannot use 'no-such-host.invalid': "), 0U);
}

TEST(Journal, IsFinishedByTheSameCommandOnly) {
    const totem::test::TemporaryDirectory folder;
    const Paths paths{.root = folder.path()};
    std::filesystem::create_directories(paths.store_folder());
    const Journal add{.command = "add", .target = "10.0.0.1"};
    EXPECT_FALSE(resumes(paths, add));
    add.write(paths);
    EXPECT_TRUE(resumes(paths, add));
    try {
        resumes(paths, {.command = "create", .target = "x"});
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(),
                     "'pvecm add 10.0.0.1' was begun on this node and not finished: run it again to finish it, or "
                     "'pvecm add 10.0.0.1 --undo'");
    }
    Journal::clear(paths);
    EXPECT_FALSE(resumes(paths, add));
    write_file(paths.journal(), "rubbish");
    EXPECT_THROW(Journal::read(paths), Error);
}

}  // namespace
}  // namespace pvecm::join
