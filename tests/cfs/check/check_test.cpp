// Databases in files: checked, repaired after a backup, salvaged.

#include "cfs/check/check.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "tests/cfs/store/rows.hpp"
#include "tests/cfs/vectors.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cfs::check {
namespace {

using cfs::test::vector_database;
using testing::HasSubstr;
namespace fs = std::filesystem;
namespace stored = store::test;

class CfsCheck : public testing::Test {
protected:
    std::string file(const std::string& name = "config.db") const { return directory_.path() + '/' + name; }
    void write(const std::string& bytes) const {
        for (const char* suffix : {"", "-wal", "-shm"})
            fs::remove(file() + suffix);
        std::ofstream(file(), std::ios::binary) << bytes;
    }
    void vectors_after(const std::string& sql) const {
        write(stored::contents_of(vector_database().file));
        stored::execute(file(), sql);
    }
    Say say() {
        said_.clear();
        return [this](const std::string& line) { said_ += line + '\n'; };
    }
    totem::test::TemporaryDirectory directory_;
    std::string said_;
};

constexpr const char* kDuplicate = "UPDATE tree SET name='user.cfg' WHERE inode=15";

TEST_F(CfsCheck, AGoodOneIsGood) {
    vectors_after("");
    EXPECT_EQ(check(file(), say()), Result::good);
    EXPECT_EQ(said_, "version 47, 26 rows, 5344 bytes in files\n");
    const std::string before = stored::contents_of(file());
    EXPECT_EQ(repair(file(), "", say()), Result::good);
    EXPECT_THAT(said_, HasSubstr("nothing to repair"));
    EXPECT_EQ(stored::contents_of(file()), before);
}

TEST_F(CfsCheck, ProblemsAreListedAllAndTheFileIsLeft) {
    vectors_after(std::string(kDuplicate) + "; DELETE FROM tree WHERE inode=12");
    const auto before = stored::rows(file());
    EXPECT_EQ(check(file(), say()), Result::problems);
    EXPECT_THAT(said_, HasSubstr("row: found entry with duplicate name"));
    EXPECT_THAT(said_, HasSubstr("row: missing directory inode"));
    EXPECT_EQ(stored::rows(file()), before);
}

TEST_F(CfsCheck, ARepairedOneOpensAndTheBackupIsWhatItWas) {
    vectors_after(kDuplicate);
    const auto before = stored::rows(file());
    EXPECT_NE(stored::refusal(file()), "");
    EXPECT_EQ(repair(file(), file("before.db"), say()), Result::good);
    EXPECT_EQ(stored::rows(file("before.db")), before);
    const auto opened = stored::open(file());
    EXPECT_EQ(opened.tree.version(), 47u);
    EXPECT_EQ(opened.tree.find("user.cfg")->inode, 15u);
}

TEST_F(CfsCheck, NothingIsRepairedWithoutABackup) {
    vectors_after(kDuplicate);
    const auto before = stored::rows(file());
    std::ofstream(file("taken")) << "x";
    EXPECT_EQ(repair(file(), file("taken"), say()), Result::failed);
    EXPECT_EQ(stored::rows(file()), before);
}

TEST_F(CfsCheck, ADatabaseInUseIsNotRepaired) {
    vectors_after(kDuplicate);
    const int lock = ::open(file(".pmxcfs.lockfile").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    ASSERT_EQ(::flock(lock, LOCK_EX), 0);
    EXPECT_EQ(repair(file(), "", say()), Result::failed);
    EXPECT_THAT(said_, HasSubstr("is in use"));
    ::close(lock);
    EXPECT_EQ(repair(file(), "", say()), Result::good);
}

TEST_F(CfsCheck, SalvageReadsAroundADamagedPage) {
    // Many rows, so that there are leaves to lose.
    {
        auto opened = stored::open(file());
        for (std::uint32_t i = 0; i < 400; ++i) {
            const std::string name = "file-" + std::to_string(i);
            opened.store->submit(opened.tree.apply(Operation::create(name), {0, i, i}).change, {});
            const std::vector<std::uint8_t> text(100, 'x');
            opened.store->submit(opened.tree.apply(Operation::write(name, text), {0, i, i}).change, {});
        }
    }
    std::string bytes = stored::contents_of(file());
    const std::size_t page = bytes.size() / 4096 / 2 * 4096;
    for (std::size_t i = 0; i < 4096; ++i)
        bytes.at(page + i) = '\xff';
    write(bytes);
    EXPECT_NE(stored::refusal(file()), "");
    EXPECT_EQ(check(file(), say()), Result::problems);
    EXPECT_EQ(repair(file(), "", say()), Result::failed);
    EXPECT_THAT(said_, HasSubstr("use --salvage"));
    ASSERT_EQ(salvage(file(), file("saved.db"), say()), Result::good) << said_;
    const auto opened = stored::open(file("saved.db"));
    EXPECT_EQ(opened.tree.version(), 801u);
    EXPECT_GT(opened.tree.entries().all().size(), 340u);
    EXPECT_LT(opened.tree.entries().all().size(), 401u);
    EXPECT_EQ(salvage(file(), file("saved.db"), say()), Result::failed);
}

TEST_F(CfsCheck, AFileWhoseContentIsGoneIsNamed) {
    {
        auto opened = stored::open(file());
        for (const char* name : {"before", "large", "after"}) {
            opened.store->submit(opened.tree.apply(Operation::create(name), {}).change, {});
        }
        const std::vector<std::uint8_t> text(50000, 'x');
        opened.store->submit(opened.tree.apply(Operation::write("large", text), {}).change, {});
    }
    // Its pages are a chain, each with the number of the next one in front.
    std::string bytes = stored::contents_of(file());
    const std::size_t link = bytes.find(std::string(4092, 'x')) / 4096 * 4096;
    ASSERT_EQ(bytes.at(link + 4), 'x');
    bytes.replace(link, 4, "\x7f\xff\xff\xff");
    write(bytes);
    ASSERT_EQ(salvage(file(), file("saved.db"), say()), Result::good) << said_;
    EXPECT_THAT(said_, HasSubstr("content of inode 0000000000000003 ('large') can't be read"));
    const auto opened = stored::open(file("saved.db"));
    EXPECT_TRUE(opened.tree.find("before"));
    EXPECT_TRUE(opened.tree.find("after"));
    EXPECT_FALSE(opened.tree.find("large"));
}

TEST_F(CfsCheck, RandomDamageEndsInADatabaseOrWords) {
    const std::string good = stored::contents_of(vector_database().file);
    std::mt19937_64 random(5);
    int saved = 0;
    for (int round = 0; round < 200; ++round) {
        SCOPED_TRACE(round);
        std::string bad = good;
        for (std::uint64_t flips = 1 + random() % 8; flips > 0; --flips) {
            bad.at(100 + random() % (bad.size() - 100)) = static_cast<char>(random());
        }
        write(bad);
        fs::remove(file("saved.db"));
        if (salvage(file(), file("saved.db"), say()) == Result::good) {
            ++saved;
            EXPECT_EQ(stored::refusal(file("saved.db")), "") << said_;
        } else {
            EXPECT_NE(said_, "");
        }
    }
    EXPECT_GT(saved, 100);
}

TEST_F(CfsCheck, WhatIsNoDatabaseIsSaid) {
    write(std::string(5000, 'x'));
    EXPECT_EQ(check(file(), say()), Result::failed);
    EXPECT_THAT(said_, HasSubstr("it is not a file of SQLite"));
    EXPECT_EQ(check(file("nowhere"), say()), Result::failed);
    EXPECT_THAT(said_, HasSubstr("splite3_open_v2 failed"));
}

}  // namespace
}  // namespace cfs::check
