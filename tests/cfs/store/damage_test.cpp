// Files that are broken or somebody else's: a tree that is right, or a refusal that says what and where.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "tests/cfs/random_operations.hpp"
#include "tests/cfs/store/rows.hpp"
#include "tests/cfs/vectors.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cfs::store {
namespace {

using cfs::test::vector_database;
using testing::HasSubstr;
namespace fs = std::filesystem;

class CfsDamage : public testing::Test {
protected:
    std::string file(const std::string& name = "config.db") const { return directory_.path() + '/' + name; }
    void write(const std::string& bytes) const {
        for (const char* suffix : {"", "-wal", "-shm"})
            fs::remove(file() + suffix);
        std::ofstream(file(), std::ios::binary) << bytes;
    }
    // The vector database with something done to it.
    std::string after(const std::string& sql) const {
        write(test::contents_of(vector_database().file));
        test::execute(file(), sql);
        return test::refusal(file());
    }
    totem::test::TemporaryDirectory directory_;
};

TEST_F(CfsDamage, RowsThatMakeNoTreeAreRefusedInUpstreamsWords) {
    EXPECT_THAT(after("UPDATE tree SET name='' WHERE inode=13"),
                HasSubstr("\ninode has no name (inode = 000000000000000D)\nDB load failed\n"));
    EXPECT_THAT(after("UPDATE tree SET type=7 WHERE inode=13"),
                HasSubstr("inode has unknown type (inode = 000000000000000D, type = 7)\n"));
    EXPECT_THAT(after("UPDATE tree SET data='x' WHERE inode=2"),
                HasSubstr("directory inode contains data (inode = 0000000000000002)\n"));
    EXPECT_THAT(after("UPDATE tree SET name='else' WHERE inode=0"),
                HasSubstr("root inode has unexpected name 'else'\n"));
    EXPECT_THAT(after("UPDATE tree SET parent=13 WHERE inode=15"),
                HasSubstr("parent is not a directory (inode = 000000000000000F, parent = 000000000000000D, name = "
                          "'storage.cfg')\n"));
    EXPECT_THAT(
        after("UPDATE tree SET name='user.cfg' WHERE inode=15"),
        HasSubstr("found entry with duplicate name (inode = 000000000000000F, parent = 0000000000000000, name = "
                  "'user.cfg')\n"));
    EXPECT_THAT(after("DELETE FROM tree WHERE inode=12"),
                HasSubstr("missing directory inode (inode = 000000000000000C)\n"));
    EXPECT_THAT(after("UPDATE tree SET name='100.conf' WHERE inode=21"), HasSubstr("detected duplicate VMID 100\n"));
}

TEST_F(CfsDamage, RowsThatWouldMakeItWorseLaterAreRefused) {
    EXPECT_THAT(after("UPDATE tree SET parent=6 WHERE inode=5"), HasSubstr("inode is not below the root"));
    EXPECT_THAT(after("UPDATE tree SET version=40 WHERE inode=0"),
                HasSubstr("inode is newer than the version of the root"));
    EXPECT_THAT(after("DELETE FROM tree WHERE inode=0"), HasSubstr("the row with the version of the root is missing"));
    EXPECT_THAT(after("UPDATE tree SET name='a/b' WHERE inode=13"), HasSubstr("inode has a bad name"));
}

TEST_F(CfsDamage, BothTypesOfTheVersionRowAndEmptyBlobsAreFine) {
    EXPECT_EQ(after("UPDATE tree SET type=4 WHERE inode=0; UPDATE tree SET data=x'' WHERE type=4 AND inode>0"), "");
    EXPECT_EQ(test::open(file()).tree.index().encode(), vector_database().state);
}

TEST_F(CfsDamage, OtherFilesAreRefusedAndLeftAlone) {
    const std::string text(5000, 'x');
    write(text);
    EXPECT_THAT(test::refusal(file()), HasSubstr("is not a configuration database: it is not a file of SQLite"));
    EXPECT_EQ(test::contents_of(file()), text);
    const auto foreign = [this](const std::string& sql) {
        write("");
        test::execute(file(), sql);
        const std::string before = test::contents_of(file());
        const std::string refusal = test::refusal(file());
        EXPECT_EQ(test::contents_of(file()), before);
        return refusal;
    };
    EXPECT_THAT(foreign("CREATE TABLE people (name TEXT)"), HasSubstr("it has no table 'tree'"));
    EXPECT_THAT(foreign("CREATE TABLE tree (id INTEGER PRIMARY KEY)"),
                HasSubstr("its table 'tree' has 'id INTEGER' where 'inode INTEGER' should be"));
    EXPECT_THAT(foreign("CREATE TABLE tree (inode INTEGER PRIMARY KEY)"), HasSubstr("has no column 'parent'"));
    EXPECT_THAT(foreign("CREATE TABLE tree (inode INTEGER, parent INTEGER)"), HasSubstr("'inode' is not the key"));
    EXPECT_THAT(test::refusal(directory_.path()), HasSubstr("splite3_open_v2 failed: "));
    EXPECT_THAT(test::refusal(file("nowhere/config.db")), HasSubstr("splite3_open_v2 failed: "));
}

TEST_F(CfsDamage, TheWayToRepairIsNamed) {
    EXPECT_THAT(after("UPDATE tree SET name='user.cfg' WHERE inode=15"), HasSubstr("'cfs-check " + file() + "'"));
    write(test::contents_of(vector_database().file).substr(0, 8192));
    EXPECT_THAT(test::refusal(file()), testing::AllOf(HasSubstr("'cfs-check --salvage NEWFILE " + file() + "'"),
                                                      HasSubstr("unable to open database '" + file())));
}

// What opens is a tree that works; the rest is refused with words. Nothing else may happen.
class CfsRandomDamage : public CfsDamage {
protected:
    void open_and_use() {
        Events events;
        auto opened = Store::open({file(), Settings{}, 1000}, events);
        if (!opened) {
            EXPECT_THAT(opened.text(), HasSubstr(file()));
            EXPECT_FALSE(events.empty());
            ++refused_;
            return;
        }
        ++opened_;
        cfs::test::RandomOperations random(7);
        for (int i = 0; i < 20; ++i) {
            opened->store->submit(opened->tree.apply(random.operation(), random.stamp()).change, {});
        }
        opened->store->drain();
        EXPECT_EQ(opened->tree.index().items.size(), opened->tree.entries().all().size());
        const bool failed = opened->store->close().has_value();
        if (failed) return;
        EXPECT_EQ(test::refusal(file()).find("damaged"), std::string::npos);
    }
    int opened_ = 0;
    int refused_ = 0;
};

TEST_F(CfsRandomDamage, FlippedBytes) {
    const std::string good = test::contents_of(vector_database().file);
    std::mt19937_64 random(1);
    for (int round = 0; round < 400; ++round) {
        SCOPED_TRACE(round);
        std::string bad = good;
        for (std::uint64_t flips = 1 + random() % 8; flips > 0; --flips) {
            // Half of them where the pages keep their structure.
            const std::size_t place = random() % 2 ? random() % bad.size() : (random() % 4) * 4096 + random() % 128;
            bad.at(place) = static_cast<char>(random());
        }
        write(bad);
        open_and_use();
    }
    EXPECT_GT(opened_, 20);
    EXPECT_GT(refused_, 100);
}

TEST_F(CfsRandomDamage, Truncated) {
    const std::string good = test::contents_of(vector_database().file);
    std::mt19937_64 random(2);
    for (int round = 0; round < 100; ++round) {
        SCOPED_TRACE(round);
        write(good.substr(0, 1 + random() % (good.size() - 1)));
        open_and_use();
    }
    EXPECT_EQ(refused_, 100);
}

TEST_F(CfsRandomDamage, LogsThatAreCutOrChanged) {
    // A database with its log, as a crash leaves it.
    write(test::contents_of(vector_database().file));
    std::string database;
    std::string log;
    {
        auto opened = test::open(file());
        cfs::test::RandomOperations random(3);
        for (int i = 0; i < 40; ++i) {
            const Precheck checked = opened.tree.precheck(random.operation());
            if (checked.verdict != Precheck::Verdict::send) continue;
            test::commit(*opened.store, opened.tree.apply(checked.operation, random.stamp()).change);
        }
        database = test::contents_of(file());
        log = test::contents_of(file() + "-wal");
    }
    std::mt19937_64 random(4);
    for (int round = 0; round < 100; ++round) {
        SCOPED_TRACE(round);
        write(database);
        std::string bad = log;
        if (random() % 2) {
            bad.resize(random() % bad.size());
        } else {
            bad.at(random() % bad.size()) = static_cast<char>(random());
        }
        std::ofstream(file() + "-wal", std::ios::binary) << bad;
        open_and_use();
    }
    // A log counts up to where it is whole: that is a state that existed.
    EXPECT_EQ(refused_, 0);
    EXPECT_EQ(opened_, 100);
}

}  // namespace
}  // namespace cfs::store
