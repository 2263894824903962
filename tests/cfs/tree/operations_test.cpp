// The errors of each operation, row by row of pmxcfs.md 5.3, each test in the order in which the first match wins.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "cfs/tree/tree.hpp"

namespace cfs {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

class CfsOperations : public testing::Test {
protected:
    CfsOperations() {
        for (const char* path : {"dir", "dir/full", "dir/empty", "priv", "priv/lock", "priv/lock/held"}) {
            EXPECT_EQ(apply(Operation::make_directory(path)), 0) << path;
        }
        for (const char* path : {"file", "dir/full/inside"})
            EXPECT_EQ(apply(Operation::create(path)), 0) << path;
        EXPECT_EQ(apply(Operation::write("file", bytes("0123456789"))), 10);
    }

    std::int64_t apply(const Operation& operation) {
        last_ = tree.apply(operation, stamp);
        return last_.result;
    }
    // A refusal that leaves everything as it was.
    void refused(const Operation& operation, int error) {
        const Digest before = tree.database_checksum();
        EXPECT_EQ(apply(operation), -error) << operation.path << " -> " << operation.to;
        EXPECT_TRUE(last_.change.empty());
        EXPECT_EQ(tree.database_checksum(), before);
    }
    std::string content(std::string_view path) const {
        const Entry* entry = tree.find(path);
        if (!entry) return "(missing)";
        const auto all = read(*entry, 0, entry->size + 10);
        return {all.begin(), all.end()};
    }

    Tree tree;
    Stamp stamp{7, 1500000000, 5000};
    Outcome last_;
};

TEST_F(CfsOperations, AfterAFailureOfTheDatabaseAllFailAndReadsWork) {
    tree.fail();
    for (const auto& operation :
         {Operation::write("nowhere/x", {}, 1u << 30), Operation::create("a"), Operation::make_directory("a"),
          Operation::remove("nowhere"), Operation::rename("nowhere", "b"), Operation::set_mtime("nowhere", 1),
          Operation::unlock("priv/lock/held", {})}) {
        refused(operation, EIO);
    }
    EXPECT_EQ(content("file"), "0123456789");
}

TEST_F(CfsOperations, MakeDirectory) {
    refused(Operation::make_directory("nowhere/."), ENOENT);
    refused(Operation::make_directory("file/."), ENOTDIR);
    for (const char* path : {"", "/", ".", "..", "dir/.", "dir/.."})
        refused(Operation::make_directory(path), EACCES);
    refused(Operation::make_directory("dir"), EEXIST);
    refused(Operation::make_directory("file"), EEXIST);
    EXPECT_EQ(apply(Operation::make_directory("/dir//new//")), 0);
    EXPECT_TRUE(tree.find("dir/new")->is_directory());
}

TEST_F(CfsOperations, Create) {
    refused(Operation::create("nowhere/."), ENOENT);
    refused(Operation::create("file/x"), ENOTDIR);
    refused(Operation::create("dir/.."), EACCES);
    refused(Operation::create("dir"), ENOTDIR);
    refused(Operation::create("file"), EEXIST);
    EXPECT_EQ(apply(Operation::create("line\nbreak .x")), 0);
    EXPECT_TRUE(tree.find("line\nbreak .x")->is_file());
}

TEST_F(CfsOperations, Write) {
    const std::uint64_t limit = tree.settings().limits.file_size;
    refused(Operation::write("nowhere/x", bytes("x"), limit), EFBIG);
    refused(Operation::write("nowhere/x", bytes("x"), ~std::uint64_t{0}), EFBIG);
    refused(Operation::write("nowhere/.", bytes("x"), limit - 1), ENOENT);
    refused(Operation::write("file/.", bytes("x")), ENOTDIR);
    refused(Operation::write("dir/.", bytes("x")), EACCES);
    refused(Operation::write("dir", bytes("x")), ENOTDIR);
    refused(Operation::write("new", bytes("x")), ENOENT);
    EXPECT_EQ(apply(Operation::write("file", Bytes(limit))), static_cast<std::int64_t>(limit));
}

TEST_F(CfsOperations, WriteMovesTheEndAsToldAndFillsWithZeros) {
    EXPECT_EQ(apply(Operation::write("file", bytes("ab"), 12)), 2);
    EXPECT_EQ(content("file"), std::string("0123456789\0\0ab", 14));
    EXPECT_EQ(apply(Operation::write("file", bytes("XY"), 1)), 2);
    EXPECT_EQ(content("file"), std::string("0XY3456789\0\0ab", 14));
    EXPECT_EQ(apply(Operation::write("file", bytes("Z"), 2, true)), 1);
    EXPECT_EQ(content("file"), "0XZ");
    EXPECT_EQ(apply(Operation::truncated("file", 5)), 0);
    EXPECT_EQ(content("file"), std::string("0XZ\0\0", 5));
    EXPECT_EQ(apply(Operation::truncated("file", 0)), 0);
    EXPECT_EQ(tree.find("file")->size, 0u);
    EXPECT_FALSE(tree.find("file")->content);
    EXPECT_EQ(apply(Operation::write("file", bytes("x"), 3)), 1);
    EXPECT_EQ(content("file"), std::string("\0\0\0x", 4));
}

TEST_F(CfsOperations, AReaderKeepsWhatItHas) {
    const Content held = tree.find("file")->content;
    EXPECT_EQ(apply(Operation::write("file", bytes("XX"))), 2);
    EXPECT_EQ(std::string(held->begin(), held->end()), "0123456789");
}

TEST_F(CfsOperations, GrowingAnEmptyFileGivesASizeWithoutData) {
    EXPECT_EQ(apply(Operation::create("quirk")), 0);
    EXPECT_EQ(apply(Operation::truncated("quirk", 100)), 0);
    Entry expected = *tree.find("quirk");
    EXPECT_EQ(expected.size, 100u);
    EXPECT_FALSE(expected.content);
    EXPECT_EQ(content("quirk"), std::string(100, '\0'));
    // The digest has the size and no data.
    Entry with_zeros = expected;
    with_zeros.content = make_content(Bytes(100));
    EXPECT_NE(index_digest(expected), index_digest(with_zeros));
    EXPECT_EQ(apply(Operation::write("quirk", bytes("x"), 50)), 1);
    EXPECT_EQ(content("quirk"), std::string(50, '\0') + 'x' + std::string(49, '\0'));
}

TEST_F(CfsOperations, SetMtime) {
    refused(Operation::set_mtime("nowhere/x", 1), ENOENT);
    refused(Operation::set_mtime("file/x", 1), ENOTDIR);
    refused(Operation::set_mtime("/", 1), EACCES);
    refused(Operation::set_mtime("new", 1), ENOENT);
    EXPECT_EQ(apply(Operation::set_mtime("file", 17)), 0);
    EXPECT_EQ(tree.find("file")->mtime, 17u);
    EXPECT_EQ(tree.root().mtime, 17u);
}

TEST_F(CfsOperations, Remove) {
    refused(Operation::remove("nowhere"), ENOENT);
    refused(Operation::remove("file/x"), ENOENT);
    refused(Operation::remove(""), EACCES);
    refused(Operation::remove("dir"), ENOTEMPTY);
    EXPECT_EQ(apply(Operation::remove("dir/empty")), 0);
    EXPECT_EQ(apply(Operation::remove("file")), 0);
    EXPECT_EQ(content("file"), "(missing)");
}

TEST_F(CfsOperations, Rename) {
    refused(Operation::rename("nowhere", "x"), ENOENT);
    refused(Operation::rename("/", "x"), EACCES);
    refused(Operation::rename("priv/lock/held", "dir"), EACCES);
    refused(Operation::rename("file", "dir"), ENOTEMPTY);
    refused(Operation::rename("file", ""), ENOTEMPTY);
    refused(Operation::rename("file", "nowhere/x"), ENOENT);
    refused(Operation::rename("dir/full", "file/x"), ENOTDIR);
    refused(Operation::rename("file", "dir/."), EACCES);
    refused(Operation::rename("dir/full", "new"), ENOTEMPTY);
    refused(Operation::rename("dir/empty", "dir/empty/x"), EINVAL);
    EXPECT_EQ(apply(Operation::rename("dir/empty", "moved")), 0);
    EXPECT_EQ(apply(Operation::rename("file", "dir/full/inside")), 0);
    EXPECT_EQ(content("dir/full/inside"), "0123456789");
    EXPECT_EQ(content("file"), "(missing)");
}

TEST_F(CfsOperations, RenameOntoItselfIsNothing) {
    refused(Operation::rename("file", "file"), 0);
    refused(Operation::rename("dir", "/dir/"), 0);
}

TEST_F(CfsOperations, AFullDirectoryRenamedOntoATargetCostsTheTarget) {
    const std::uint64_t version = tree.version();
    const Inode gone = tree.find("dir/empty")->inode;
    EXPECT_EQ(apply(Operation::rename("dir/full", "dir/empty")), -ENOTEMPTY);
    EXPECT_FALSE(tree.find("dir/empty"));
    EXPECT_EQ(tree.version(), version);
    EXPECT_THAT(last_.change.remove, testing::ElementsAre(gone));
    EXPECT_TRUE(last_.change.put.empty());
    EXPECT_FALSE(last_.change.root_changed);
    // No second row with the name comes up.
    EXPECT_EQ(apply(Operation::make_directory("dir/empty")), 0);
}

TEST_F(CfsOperations, VersionsWritersAndMtimesFollowTheRoot) {
    const std::uint64_t version = tree.version();
    stamp = {9, 1600000000, 1};
    EXPECT_EQ(apply(Operation::create("new")), 0);
    const Entry made = *tree.find("new");
    EXPECT_EQ(made.inode, version + 1);
    EXPECT_EQ(made.version, version + 1);
    EXPECT_EQ(made.writer, 9u);
    EXPECT_EQ(made.mtime, 1600000000u);
    EXPECT_EQ(tree.root().version, version + 1);
    EXPECT_EQ(tree.root().writer, 9u);
    EXPECT_EQ(tree.root().mtime, 1600000000u);
    EXPECT_EQ(apply(Operation::rename("new", "dir/new")), 0);
    EXPECT_EQ(tree.find("dir/new")->inode, made.inode);
    EXPECT_EQ(tree.find("dir/new")->version, version + 2);
    EXPECT_EQ(last_.change.version, version + 2);
    EXPECT_FALSE(last_.change.put.at(0).content_changed);
    EXPECT_EQ(apply(Operation::remove("dir/new")), 0);
    EXPECT_EQ(tree.version(), version + 3);
    EXPECT_THAT(last_.change.remove, testing::ElementsAre(made.inode));
}

TEST_F(CfsOperations, FirstInodeOfAFreshTreeIsTwo) {
    Tree fresh;
    EXPECT_EQ(fresh.apply(Operation::create("corosync.conf"), {}).result, 0);
    EXPECT_EQ(fresh.apply(Operation::write("corosync.conf", bytes("x")), {}).result, 1);
    EXPECT_EQ(fresh.version(), 3u);
    EXPECT_EQ(fresh.find("corosync.conf")->inode, 2u);
    EXPECT_EQ(fresh.find("corosync.conf")->version, 3u);
}

TEST_F(CfsOperations, TrackedFilesCountChangesOfExactlyTheirPath) {
    const auto count = [this](std::string_view path) {
        for (const auto& file : tree.tracked().all()) {
            if (file.path == path) return file.changes;
        }
        return ~std::uint64_t{0};
    };
    EXPECT_EQ(count("user.cfg"), 0u);
    apply(Operation::create("user.cfg"));
    apply(Operation::write("user.cfg", bytes("x")));
    apply(Operation::set_mtime("user.cfg", 5));
    EXPECT_EQ(count("user.cfg"), 3u);
    apply(Operation::rename("user.cfg", "storage.cfg"));
    EXPECT_EQ(count("user.cfg"), 4u);
    EXPECT_EQ(count("storage.cfg"), 1u);
    apply(Operation::remove("storage.cfg"));
    EXPECT_EQ(count("storage.cfg"), 2u);
    apply(Operation::remove("storage.cfg"));
    apply(Operation::make_directory("user.cfg"));
    EXPECT_EQ(count("storage.cfg"), 2u);
    EXPECT_EQ(count("user.cfg"), 4u);
    EXPECT_EQ(tree.tracked().all().size(), 17u);
    EXPECT_EQ(Tree(Settings::of(Era::p9)).tracked().all().size(), 43u);
}

TEST_F(CfsOperations, Statfs) {
    Statfs now = tree.statfs();
    EXPECT_EQ(now.blocks, 7680u);
    EXPECT_EQ(now.free_blocks, 7679u);  // ten bytes
    EXPECT_EQ(now.files, 10000u);
    EXPECT_EQ(now.free_files, 10000u - 9);
    EXPECT_EQ(now.name_length, 256u);
    now = Tree(Settings::of(Era::p9)).statfs();
    EXPECT_EQ(now.blocks, 32768u);
    EXPECT_EQ(now.free_blocks, 32768u);
    EXPECT_EQ(now.files, 262144u);
    EXPECT_EQ(now.free_files, 262143u);
}

}  // namespace
}  // namespace cfs
