#include "engine/daemon/ring_id_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "tests/support/temporary_directory.hpp"
#include "totem/wire/derivation.hpp"

namespace daemontest {
namespace {

using engine::RingIdFile;
using totem::Dialect;
using totem::test::TemporaryDirectory;

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string raw(std::uint64_t value) {
    std::string out(sizeof(value), '\0');
    std::memcpy(out.data(), &value, sizeof(value));
    return out;
}

unsigned mode_of(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
}

TEST(RingIdFileTest, MissingFileIsMadeWithZero) {
    TemporaryDirectory directory;
    RingIdFile file(directory.path() + "/ringid_1", 0600);
    EXPECT_EQ(file.load(), 0u);
    EXPECT_EQ(contents(file.path()), raw(0));
    EXPECT_EQ(mode_of(file.path()), 0600u);
}

TEST(RingIdFileTest, StoredValueComesBackAndNothingElseIsLeft) {
    TemporaryDirectory directory;
    RingIdFile file(directory.path() + "/ringid_1", 0600);
    file.store(0x1d);
    EXPECT_EQ(contents(file.path()), raw(0x1d));
    file.store(0x123456789abcdefull);
    EXPECT_EQ(file.load(), 0x123456789abcdefull);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

TEST(RingIdFileTest, WhatIsThereIsOverwrittenAndRepaired) {
    TemporaryDirectory directory;
    RingIdFile file(directory.path() + "/ringid_1", 0600);
    file.store(5);
    struct stat before {
    }, after{};
    ASSERT_EQ(::stat(file.path().c_str(), &before), 0);
    file.store(9);
    ASSERT_EQ(::stat(file.path().c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino)
        << "a new file needs several flushes to disk, in the way of the commit token";
    EXPECT_EQ(contents(file.path()), raw(9));
    std::ofstream(file.path(), std::ios::app) << "behind";
    ASSERT_EQ(::chmod(file.path().c_str(), 0644), 0);
    file.store(13);
    EXPECT_EQ(contents(file.path()), raw(13));
    EXPECT_EQ(mode_of(file.path()), 0600u);
}

TEST(RingIdFileTest, ShortFileCountsAsMissingLongerOneIsRead) {
    TemporaryDirectory directory;
    RingIdFile file(directory.path() + "/ringid_1", 0600);
    std::ofstream(file.path(), std::ios::binary) << "1234567";
    EXPECT_EQ(file.load(), 0u);
    EXPECT_EQ(contents(file.path()), raw(0));
    std::ofstream(file.path(), std::ios::binary) << raw(9) << "behind";
    EXPECT_EQ(file.load(), 9u);
}

TEST(RingIdFileTest, NamesAndModesFollowTheDialect) {
    TemporaryDirectory directory;
    RingIdFile v3 = RingIdFile::of(directory.path(), Dialect::v3, totem::Identity::v3(4711));
    EXPECT_EQ(v3.path(), directory.path() + "/ringid_4711");
    v3.store(1);
    EXPECT_EQ(mode_of(v3.path()), 0600u);

    totem::Identity self;
    self.addr[0] = *totem::wire::parse_address("10.77.0.1");
    RingIdFile v2 = RingIdFile::of(directory.path(), Dialect::v2, self);
    EXPECT_EQ(v2.path(), directory.path() + "/ringid_10.77.0.1");
    mode_t before = ::umask(077);
    v2.store(1);
    ::umask(before);
    EXPECT_EQ(mode_of(v2.path()), 0700u);
    self.addr[0] = *totem::wire::parse_address("fd00::1");
    EXPECT_EQ(RingIdFile::of("/x", Dialect::v2, self).path(), "/x/ringid_fd00::1");
}

TEST(RingIdFileTest, FailuresAreTold) {
    RingIdFile nowhere("/nonexistent-directory/ringid_1", 0600);
    EXPECT_THROW(nowhere.load(), std::system_error);
    EXPECT_THROW(nowhere.store(1), std::system_error);
    TemporaryDirectory directory;
    RingIdFile taken(directory.path(), 0600);  // a directory of that name
    EXPECT_THROW(taken.load(), std::system_error);
    EXPECT_THROW(taken.store(1), std::system_error);
    EXPECT_FALSE(std::filesystem::exists(directory.path() + ".new")) << "what could not take its place is left behind";
}

}  // namespace
}  // namespace daemontest
