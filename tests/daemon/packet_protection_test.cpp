// The suites and the session a configuration asks for: totem-crypto.md appendix B.4.

#include "engine/daemon/packet_protection.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <unistd.h>

#include "engine/daemon/ring_id_file.hpp"
#include "tests/support/temporary_directory.hpp"

namespace engine {
namespace {

using std::chrono::nanoseconds;
using totem::crypto::Aead;
using totem::crypto::Reject;
using totem::crypto::Secret;

TEST(Session, OnlyGrows) {
    const totem::test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/session_1";
    EXPECT_EQ(begin_session(path, nanoseconds(1000)), 1000u);
    EXPECT_EQ(begin_session(path, nanoseconds(5000)), 5000u);
    EXPECT_EQ(begin_session(path, nanoseconds(10)), 5001u);  // the clock went back
    EXPECT_EQ(begin_session(path, nanoseconds(-10)), 5002u);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
    RingIdFile(path, 0600).store(UINT64_MAX);
    EXPECT_THROW(begin_session(path, nanoseconds(1)), std::system_error);
    EXPECT_THROW(begin_session(directory.path() + "/nowhere/session_1", nanoseconds(1)), std::system_error);
}

config::ClusterConfig native(const std::string& state_dir, totem::NodeId self) {
    config::ClusterConfig config;
    config.cluster_name = "lab";
    config.state_dir = state_dir;
    for (totem::NodeId id = 1; id <= 2; ++id) {
        config::Node node;
        node.nodeid = id;
        config.nodes.push_back(node);
    }
    config.local_node = self - 1;
    config.protection.native = Aead::xchacha20;
    config.protection.key = std::make_shared<const Secret>(128);
    return config;
}

TEST(PacketProtection, NativeSuitesShareKeysAndSession) {
    const totem::test::TemporaryDirectory directory;
    auto config = native(directory.path(), 1);
    config.protection.next_key = std::make_shared<const Secret>(256);
    config.protection.next_key_id = 4;
    const PacketProtection one(config), other(native(directory.path(), 2));
    ASSERT_TRUE(one.keys());
    EXPECT_EQ(one.keys()->other_id(), 4);
    EXPECT_EQ(one.keys()->senders(), (std::vector<totem::NodeId>{1, 2}));
    EXPECT_EQ(one.text(), "Packets are protected with xchacha20, key id 0. Only totemd can read them.");
    for (const unsigned ring : {0u, 1u}) {
        const auto from = one.suite(ring), to = other.suite(ring);
        std::vector<std::uint8_t> datagram(10 + from->overhead());
        ASSERT_EQ(from->seal(std::vector<std::uint8_t>(10), datagram), datagram.size());
        totem::Bytes message;
        EXPECT_EQ(to->open(datagram, message), Reject::none);
    }
    struct stat status {};
    EXPECT_EQ(::stat((directory.path() + "/session_1").c_str(), &status), 0);
}

TEST(PacketProtection, OthersKeepNoState) {
    const totem::test::TemporaryDirectory directory;
    config::ClusterConfig config;
    config.state_dir = directory.path();
    config.dialect = totem::Dialect::v2;
    const PacketProtection plain(config);
    EXPECT_EQ(plain.suite(0)->overhead(), 4u);
    EXPECT_EQ(plain.text(), "Initializing transmit/receive security (NSS) crypto: none hash: none");
    config.protection.hash = totem::crypto::Hash::sha1;
    config.protection.key = std::make_shared<const Secret>(128);
    const PacketProtection protection(config);
    EXPECT_FALSE(protection.keys());
    EXPECT_EQ(protection.suite(0)->overhead(), 24u);
    EXPECT_NE(::access((directory.path() + "/session_0").c_str(), F_OK), 0);
}

}  // namespace
}  // namespace engine
