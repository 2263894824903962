// Zero-copy buffers, through libcpg and by abuse (client-ipc.md section 7.8).

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "engine/ipc/zero_copy.hpp"
#include "tests/ipc/cpg_client.hpp"
#include "tests/ipc/isolation.hpp"
#include "tests/ipc/test_node.hpp"

namespace ipc_test {
namespace {

using namespace engine::ipc;

TEST(ZeroCopy, ThroughTheLibrary) {
    if (!isolated()) GTEST_SKIP() << "NOT TESTED, needs the right to enter namespaces";
    TestNode node;
    CpgClient client;
    void* buffer = nullptr;
    ASSERT_EQ(cpg_zcb_alloc(client.handle, 5000, &buffer), CS_OK);
    std::memset(buffer, 'z', 5000);
    EXPECT_EQ(cpg_zcb_mcast_joined(client.handle, CPG_TYPE_AGREED, buffer, 5000), CS_ERR_NOT_EXIST);
    ASSERT_TRUE(client.joined("g"));
    ASSERT_EQ(cpg_zcb_mcast_joined(client.handle, CPG_TYPE_AGREED, buffer, 5000), CS_OK);
    ASSERT_EQ(cpg_zcb_mcast_joined(client.handle, CPG_TYPE_AGREED, buffer, 10), CS_OK);
    ASSERT_TRUE(client.dispatch_until([&] { return client.deliveries.size() == 2; }));
    EXPECT_EQ(client.deliveries[0].data, std::string(5000, 'z'));
    EXPECT_EQ(client.deliveries[1].data, std::string(10, 'z'));
    EXPECT_EQ(cpg_zcb_free(client.handle, buffer), CS_OK);
}

class ZeroCopyFile : public ::testing::Test {
protected:
    void SetUp() override { make(path, 4096); }
    void TearDown() override {
        ::unlink(path.c_str());
        ::unlink(other.c_str());
    }
    static void make(const std::string& name, off_t size) {
        const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        ASSERT_GE(fd, 0);
        ASSERT_EQ(::ftruncate(fd, size), 0);
        ::close(fd);
    }
    const std::string path = "/dev/shm/corosync_zerocopy-test-" + std::to_string(::getpid());
    const std::string other = path + "-other";
    ZeroCopyBuffers buffers;
    std::vector<std::uint8_t> message;
};

TEST_F(ZeroCopyFile, IsReadWithinItsBounds) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(buffers.alloc(path, 100, ::getuid()), kCsOk);
    EXPECT_NE(::access(path.c_str(), F_OK), 0) << "taken over files are unlinked";
    std::uint64_t address = 0;
    ASSERT_EQ(::pread(fd, &address, sizeof address, 8), 8);
    ASSERT_NE(address, 0u);
    const auto with_length = [&](std::uint32_t length) {
        EXPECT_EQ(::pwrite(fd, &length, sizeof length, 48), 4);
        return buffers.load(address, message);
    };
    EXPECT_EQ(with_length(44), kCsOk);
    EXPECT_EQ(message.size(), 44u);
    EXPECT_EQ(with_length(45), kCsInvalidParam);
    EXPECT_EQ(with_length(0xffffffff), kCsInvalidParam);
    EXPECT_EQ(with_length(0), kCsOk);
    EXPECT_EQ(with_length(44), kCsOk);
    ASSERT_EQ(::ftruncate(fd, 60), 0);
    EXPECT_EQ(buffers.load(address, message), kCsInvalidParam) << "shrunk by the client";
    ASSERT_EQ(::ftruncate(fd, 0), 0);
    EXPECT_EQ(buffers.load(address, message), kCsInvalidParam);
    EXPECT_EQ(buffers.release(address), kCsOk);
    EXPECT_EQ(buffers.release(address), kCsInvalidParam);
    EXPECT_EQ(buffers.load(address, message), kCsInvalidParam);
    ::close(fd);
}

TEST_F(ZeroCopyFile, OthersAreNotTouched) {
    EXPECT_EQ(buffers.alloc("/etc/hostname", 4096, ::getuid()), kCsInvalidParam);
    EXPECT_EQ(buffers.alloc("/dev/shm/corosync_zerocopy-", 4096, ::getuid()), kCsInvalidParam);
    EXPECT_EQ(buffers.alloc("/dev/shm/corosync_zerocopy-x/../../../etc/hostname", 4096, ::getuid()), kCsInvalidParam);
    EXPECT_EQ(buffers.alloc(path, 55, ::getuid()), kCsInvalidParam);
    EXPECT_EQ(buffers.alloc(path, std::uint64_t{1} << 40, ::getuid()), kCsInvalidParam);
    EXPECT_EQ(buffers.alloc(path, 4096, ::getuid() + 1), kCsAccess) << "somebody else's";
    ASSERT_EQ(::symlink(path.c_str(), other.c_str()), 0);
    EXPECT_EQ(buffers.alloc(other, 4096, ::getuid()), kCsAccess) << "a symbolic link";
    ASSERT_EQ(::unlink(other.c_str()), 0);
    ASSERT_EQ(::link(path.c_str(), other.c_str()), 0);
    EXPECT_EQ(buffers.alloc(path, 4096, ::getuid()), kCsAccess) << "has a second name";
    ASSERT_EQ(::unlink(other.c_str()), 0);
    ASSERT_EQ(::mkfifo(other.c_str(), 0600), 0);
    EXPECT_EQ(buffers.alloc(other, 4096, ::getuid()), kCsAccess) << "not a plain file";
    EXPECT_EQ(::access(path.c_str(), F_OK), 0);
    EXPECT_EQ(buffers.alloc(path, 4096, ::getuid()), kCsOk);
}

}  // namespace
}  // namespace ipc_test
