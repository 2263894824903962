#include "engine/why/journal.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "engine/why/reader.hpp"
#include "tests/support/temporary_directory.hpp"

namespace engine::why {
namespace {

namespace fs = std::filesystem;

Record sample(NodeId gone = 3) {
    Record record;
    record.at = 1'700'000'000'123;
    record.self = 1;
    record.outage = 1400;
    record.old_ring = "1.8";
    record.new_ring = "1.c";
    record.members = {1, 2};
    record.left = record.left_silently = {gone};
    record.before = Votes{.quorate = true, .votes = 3, .expected = 3, .quorum = 2};
    record.after = Votes{.quorate = true, .votes = 2, .expected = 3, .quorum = 2, .device_registered = true};
    record.cause = {CauseKind::peer_silent, {gone}, {2, gone}, 1000};
    record.also = {{CauseKind::peer_started, {4}, {}, {}}};
    record.evidence = {{.kind = EvidenceKind::token_lost, .at = 1'700'000'000'000, .milliseconds = 1000},
                       {.kind = EvidenceKind::gather, .at = 5, .times = 4, .detail = "consensus timeout"}};
    record.counters.retransmit_tokens = 7;
    return record;
}

class JournalTest : public ::testing::Test {
protected:
    Journal journal(std::uint64_t limit = Journal::kLimit) {
        return {path_, [this](const std::string& text) { trouble_.push_back(text); }, limit};
    }
    std::string text() const {
        std::ifstream file(path_);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void append(const std::string& bytes) { std::ofstream(path_, std::ios::app) << bytes; }

    totem::test::TemporaryDirectory directory_;
    std::string path_ = directory_.path() + "/changes.jsonl";
    std::vector<std::string> trouble_;
};

TEST_F(JournalTest, WhatIsWrittenIsRead) {
    auto out = journal();
    Record expected = out.add(sample());
    EXPECT_EQ(expected.sequence, 1U);
    const Contents in = read_journal(path_);
    EXPECT_TRUE(in.found);
    ASSERT_EQ(in.records.size(), 1U);
    EXPECT_EQ(in.records[0], expected);
    EXPECT_TRUE(in.damaged.empty());
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0640U);
}

TEST_F(JournalTest, NumbersGoOnAfterARestart) {
    journal().add(sample());
    journal().add(sample());
    auto third = journal();
    EXPECT_EQ(third.add(sample()).sequence, 3U);
    EXPECT_EQ(read_journal(path_).records.size(), 3U);
}

TEST_F(JournalTest, TwoFilesOfBoundedSize) {
    const std::uint64_t limit = 4 * to_line(sample()).size();
    auto out = journal(limit);
    for (int i = 0; i < 100; ++i)
        out.add(sample());
    EXPECT_LE(fs::file_size(path_), limit);
    EXPECT_LE(fs::file_size(older_part(path_)), limit);
    EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator{}), 2);
    const Contents in = read_journal(path_);
    ASSERT_GE(in.records.size(), 4U);
    for (std::size_t i = 0; i < in.records.size(); ++i)
        EXPECT_EQ(in.records[i].sequence, 100 - in.records.size() + 1 + i) << "in order, the last ones";
    EXPECT_TRUE(in.damaged.empty());
    EXPECT_EQ(journal(limit).add(sample()).sequence, 101U);
}

TEST_F(JournalTest, ARecordOverTheBoundIsWrittenAllTheSame) {
    auto out = journal(10);
    out.add(sample());
    out.add(sample());
    EXPECT_EQ(read_journal(path_).records.size(), 2U);
    EXPECT_TRUE(trouble_.empty());
}

TEST_F(JournalTest, ACutLineIsSkippedAndDoesNotSpoilTheNext) {
    journal().add(sample(3));
    const std::string line = to_line(sample(4));
    append(line.substr(0, line.size() / 2));
    Contents in = read_journal(path_);
    EXPECT_EQ(in.records.size(), 1U);
    ASSERT_EQ(in.damaged.size(), 1U);
    EXPECT_TRUE(in.damaged[0].cut);
    EXPECT_EQ(in.damaged[0].line, 2U);
    journal().add(sample(5));
    in = read_journal(path_);
    ASSERT_EQ(in.records.size(), 2U);
    EXPECT_EQ(in.records[1].left, NodeIds{5});
    ASSERT_EQ(in.damaged.size(), 1U);
    EXPECT_FALSE(in.damaged[0].cut);
}

TEST_F(JournalTest, DamageOfAnyKindIsCounted) {
    append(
        "[]\n{}\n\n{\"at\":1,\"kind\":\"votes\",\"cause\":{}}\n\xff\xfe\n"
        "{\"at\":1,\"kind\":\"votes\",\"cause\":{\"kind\":\"stopped\"},\"sequence\":-1}\n"
        "{\"at\":1,\"kind\":\"votes\",\"cause\":{\"kind\":\"stopped\"},\"members\":\"all\"}\n");
    append("{\"at\":1,\"kind\":\"votes\",\"cause\":{\"kind\":\"of a later version\"},\"unheard\":[]}\n");
    const Contents in = read_journal(path_);
    append(R"({"at":1e300,"kind":"votes","cause":{"kind":"stopped"}})"
           "\n"
           R"({"at":1,"kind":"votes","cause":{"kind":"stopped"},"members":[1e300]})"
           "\n");
    EXPECT_EQ(read_journal(path_).damaged.size(), 8U);
    EXPECT_EQ(in.damaged.size(), 6U);
    ASSERT_EQ(in.records.size(), 1U);
    EXPECT_EQ(in.records[0].cause.kind, CauseKind::unknown);
}

TEST_F(JournalTest, TroubleIsToldOnceAndRecordsWait) {
    const std::string moved = directory_.path() + "/sub";
    path_ = moved + "/changes.jsonl";
    auto out = journal();
    for (unsigned i = 0; i < 3; ++i)
        out.add(sample());
    EXPECT_EQ(out.recent().size(), 3U);
    ASSERT_EQ(trouble_.size(), 1U);
    EXPECT_NE(trouble_[0].find("No such file or directory"), std::string::npos) << trouble_[0];
    EXPECT_FALSE(read_journal(path_).found);
    fs::create_directory(moved);
    out.add(sample());
    EXPECT_EQ(read_journal(path_).records.size(), 4U) << "those before it, too";
    fs::remove_all(moved);
    out.add(sample());
    EXPECT_EQ(trouble_.size(), 2U) << "it had worked in between";
}

TEST_F(JournalTest, MemoryIsBounded) {
    path_ = directory_.path() + "/none/changes.jsonl";
    auto out = journal();
    for (unsigned i = 0; i < 10 * Journal::kKept; ++i)
        out.add(sample());
    EXPECT_EQ(out.recent().size(), Journal::kKept);
    EXPECT_EQ(out.recent().back().sequence, 10 * Journal::kKept);
    fs::create_directory(directory_.path() + "/none");
    out.add(sample());
    EXPECT_EQ(read_journal(path_).records.size(), Journal::kKept);
}

// As on a full disk, a write is cut short: files may not grow any more.
TEST_F(JournalTest, AFullDiskLeavesNoHalfLine) {
    auto out = journal();
    out.add(sample());
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit full{fs::file_size(path_) + 100, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
    out.add(sample(4));
    out.add(sample(5));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, ignored);
    EXPECT_EQ(trouble_.size(), 1U);
    Contents in = read_journal(path_);
    EXPECT_EQ(in.records.size(), 1U);
    EXPECT_TRUE(in.damaged.empty());
    out.add(sample(6));
    in = read_journal(path_);
    EXPECT_EQ(in.records.size(), 4U);
    EXPECT_TRUE(in.damaged.empty());
}

TEST_F(JournalTest, OnlyARegularFileWillDo) {
    fs::create_symlink("/dev/full", path_);
    journal().add(sample());
    ASSERT_EQ(trouble_.size(), 1U);
    fs::remove(path_);
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    journal().add(sample());
    EXPECT_EQ(trouble_.size(), 2U) << "and it did not block";
    fs::remove(path_);
    fs::create_directory(path_);
    journal().add(sample());
    EXPECT_EQ(trouble_.size(), 3U);
}

}  // namespace
}  // namespace engine::why
