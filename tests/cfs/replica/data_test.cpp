// The tree on a group: two or three replicas in memory (pmxcfs-wire.md section 5, pmxcfs.md sections 7, 10, 12).

#include "cfs/replica/data/data.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "cfs/replica/channel/memory.hpp"

namespace cfs::replica {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using namespace std::chrono_literals;

class Replica final : ChannelEvents, EngineObserver, DataObserver {
public:
    Replica(MemoryGroup& group, MemberId id, unsigned component, const std::uint32_t& clock)
        : clock_(clock), data(tree, *this), engine(Data::settings(), data, group.add(id, component, *this), *this) {
        data.set_quorate(true);
        engine.start(now());
    }
    Now now() const { return {clock_, totem::Instant{} + std::chrono::seconds(clock_)}; }
    Data::Submitted submit(const Operation& operation) { return data.submit(engine, now(), operation); }
    bool says(std::string_view text) const { return std::ranges::find(log, text) != log.end(); }

private:
    void connected(MemberId self) override { engine.connected(self); }
    void configuration(std::span<const MemberId> members, std::span<const MemberId> left,
                       std::span<const MemberId> joined) override {
        engine.configuration(now(), members, left, joined);
    }
    void delivered(MemberId sender, Bytes message) override { engine.delivered(now(), sender, message); }
    void send_failed(Purpose, std::uint64_t) override {}
    void lost() override {}
    void report(Severity, std::string_view text) override { log.emplace_back(text); }
    void completed(std::uint64_t, bool processed, int result) override { results.push_back(processed ? result : 999); }
    void changed(const Change& change) override { changes.push_back(change); }
    void export_cluster_config(bool allow_reload) override { exports.push_back(allow_reload); }
    const std::uint32_t& clock_;

public:
    std::vector<std::string> log;
    std::vector<int> results;
    std::vector<Change> changes;
    std::vector<bool> exports;
    OwnTree tree{Tree{}};
    Data data;
    Engine engine;
};

class DataTest : public testing::Test {
protected:
    void settle() { group.settle(); }
    void run(Replica& replica, const Operation& operation) {
        EXPECT_TRUE(replica.submit(operation).count);
        settle();
    }
    void merge() { group.rearrange({{{1, 10}, 0}, {{2, 20}, 0}}), settle(); }
    void part() { group.rearrange({{{1, 10}, 0}, {{2, 20}, 1}}), settle(); }
    void raw(MemberId from, std::uint16_t subtype, const Buffer& payload) {
        (void)from;
        one.engine.send(one.now(), subtype, payload);
        settle();
    }
    void expect_equal() {
        EXPECT_EQ(one.data.tree().index(), two.data.tree().index());
        EXPECT_EQ(one.data.checksum(), two.data.checksum());
    }

    std::uint32_t clock = 1000;
    MemoryGroup group;
    Replica one{group, {1, 10}, 0, clock};
    Replica two{group, {2, 20}, 0, clock};
};

TEST_F(DataTest, OperationsReachAll) {
    settle();
    run(one, Operation::make_directory("/nodes"));
    run(two, Operation::create("nodes/f"));
    run(two, Operation::write("nodes/f", {1, 2, 3}, 0, true));
    run(one, Operation::rename("nodes/f", "g"));
    run(one, Operation::set_mtime("g", 77));
    run(two, Operation::remove("nodes"));
    run(two, Operation::remove("nodes"));
    EXPECT_THAT(one.results, ElementsAre(0, 0, 0));
    EXPECT_THAT(two.results, ElementsAre(0, 3, 0, -ENOENT));
    ASSERT_NE(one.data.tree().find("g"), nullptr);
    EXPECT_EQ(one.data.tree().find("g")->writer, 1u);
    EXPECT_EQ(one.data.tree().find("g")->mtime, 77u);
    EXPECT_EQ(one.data.tree().version(), 7u);
    EXPECT_EQ(one.changes.size(), 6u);
    expect_equal();
}

TEST_F(DataTest, WithoutQuorumNothingIsSent) {
    settle();
    one.data.set_quorate(false);
    const auto submitted = one.submit(Operation::make_directory("x"));
    EXPECT_FALSE(submitted.count);
    EXPECT_EQ(submitted.result, -EACCES);
}

TEST_F(DataTest, RefusalsOfThePrecheckAreAnsweredAtOnce) {
    settle();
    const auto submitted = one.submit(Operation::write("x", {1}, 0xFFFFFFFF));
    EXPECT_FALSE(submitted.count);
    EXPECT_EQ(submitted.result, -EFBIG);
}

TEST_F(DataTest, BeforeAnyMembershipNothingIsSent) {
    EXPECT_EQ(one.submit(Operation::make_directory("x")).result, -EACCES);
}

TEST_F(DataTest, QuorumLostOnTheWay) {
    settle();
    one.submit(Operation::make_directory("x"));
    one.data.set_quorate(false);
    settle();
    EXPECT_TRUE(one.says("received write while not quorate - trigger resync"));
    EXPECT_THAT(one.results, ElementsAre(-EPERM));
    EXPECT_EQ(one.engine.mode(), Mode::leave);
    EXPECT_EQ(one.data.tree().find("x"), nullptr);
    EXPECT_NE(two.data.tree().find("x"), nullptr);
    clock += 6;
    one.engine.tick(one.now());
    settle();
    expect_equal();
}

TEST_F(DataTest, UnknownSubtypes) {
    settle();
    raw({1, 10}, 9, {});
    EXPECT_TRUE(one.says("received unknown message type (msg_type == 9)"));
    EXPECT_TRUE(two.says("received unknown message type (msg_type == 9)"));
    EXPECT_EQ(two.engine.mode(), Mode::leave);
}

TEST_F(DataTest, MalformedMessages) {
    settle();
    raw({1, 10}, 1, Buffer(19));
    EXPECT_TRUE(two.says("received short fuse message (19 < 20)"));
    EXPECT_EQ(two.engine.mode(), Mode::leave);
}

TEST_F(DataTest, MalformedUnlocks) {
    settle();
    raw({1, 10}, 8, Buffer(32));
    EXPECT_TRUE(two.says("received short unlock message (32 < 33)"));
    EXPECT_EQ(two.engine.mode(), Mode::leave);
}

TEST_F(DataTest, ABrokenStoreIsTheEnd) {
    settle();
    two.data.fail();
    run(one, Operation::make_directory("x"));
    EXPECT_EQ(two.engine.mode(), Mode::error);
    EXPECT_TRUE(two.says("serious internal error - stop cluster connection"));
    EXPECT_EQ(one.engine.mode(), Mode::synced);
}

TEST_F(DataTest, OnlyTheWriterReloads) {
    settle();
    run(one, Operation::create("corosync.conf.new"));
    EXPECT_THAT(one.exports, IsEmpty());
    run(one, Operation::rename("corosync.conf.new", "corosync.conf"));
    EXPECT_THAT(one.exports, ElementsAre(true));
    EXPECT_THAT(two.exports, ElementsAre(false));
    run(two, Operation::write("corosync.conf", {1}));
    EXPECT_THAT(two.exports, ElementsAre(false, true));
    run(two, Operation::make_directory("corosync.conf"));
    EXPECT_EQ(two.exports.size(), 2u) << "failed";
}

TEST_F(DataTest, TheLongerHistoryWins) {
    settle();
    part();
    run(one, Operation::make_directory("a"));
    run(two, Operation::make_directory("b"));
    run(two, Operation::create("c"));
    run(two, Operation::write("c", {9}));
    one.log.clear(), two.log.clear(), one.exports.clear();
    merge();
    EXPECT_EQ(one.data.tree().find("a"), nullptr);
    EXPECT_NE(one.data.tree().find("b"), nullptr);
    expect_equal();
    EXPECT_THAT(two.log, IsSupersetOf({"leader is 2/20", "synced members: 2/20", "start sending inode updates",
                                       "sent all (3) updates", "all data is up to date"}));
    EXPECT_THAT(one.log,
                IsSupersetOf({"leader is 2/20", "waiting for updates from leader",
                              "update complete - trying to commit (got 3 inode updates)", "all data is up to date"}));
    EXPECT_THAT(one.exports, ElementsAre(false));
    EXPECT_TRUE(one.changes.back().from_sync);
}

TEST_F(DataTest, OfEqualHistoriesTheLaterWins) {
    settle();
    part();
    run(one, Operation::make_directory("a"));
    clock += 1;
    run(two, Operation::make_directory("b"));
    merge();
    EXPECT_NE(one.data.tree().find("b"), nullptr);
    expect_equal();
}

TEST_F(DataTest, EqualTreesNeedNoUpdates) {
    settle();
    run(one, Operation::make_directory("a"));
    part();
    one.log.clear();
    merge();
    EXPECT_THAT(one.log, IsSupersetOf({"leader is 1/10", "synced members: 1/10, 2/20", "sent all (0) updates"}));
    EXPECT_TRUE(one.engine.everybody_synced());
}

TEST_F(DataTest, AnIndexThatIsNone) {
    settle();
    Buffer bytes(31);
    std::vector<MemberState> states{{{1, 10}, bytes, false}};
    EXPECT_FALSE(one.data.examine(one.engine, one.now(), states));
    EXPECT_TRUE(one.says("received short memdb index (len < sizeof(memdb_index_t))"));
    bytes = one.data.tree().index().encode();
    bytes.push_back(0);
    states[0].state = bytes;
    EXPECT_FALSE(one.data.examine(one.engine, one.now(), states));
    EXPECT_TRUE(one.says("received mailformed memdb index (len != idx->bytes)"));
}

TEST_F(DataTest, ACommitThatDoesNotMatchChangesNothing) {
    settle();
    run(two, Operation::make_directory("a"));
    const auto before = one.data.tree().index();
    Tree other;
    (void)other.apply(Operation::create("x"), {1, 5, 5});
    Index far_ahead = other.index();
    far_ahead.version = 99;  // and no updates
    const Buffer own_bytes = before.encode(), other_bytes = far_ahead.encode();
    std::vector<MemberState> states{{{1, 10}, own_bytes, false}, {{9, 9}, other_bytes, false}};
    EXPECT_TRUE(one.data.examine(one.engine, one.now(), states));
    EXPECT_FALSE(states[0].synced);
    EXPECT_FALSE(one.data.commit(one.engine, one.now()));
    EXPECT_EQ(one.data.tree().index(), before);
    EXPECT_FALSE(one.data.tree().failed()) << "it comes back and tries again";
}

// A size without content (the truncate quirk) survives the way to another member.
TEST_F(DataTest, AFileWithASizeAndNoContent) {
    settle();
    part();
    run(one, Operation::create("f"));
    raw({1, 10}, 1, encode(FileMessage{50, 1, "f", {}, {}}));
    ASSERT_EQ(one.data.tree().find("f")->size, 50u);
    ASSERT_EQ(one.data.tree().find("f")->content, nullptr);
    merge();
    EXPECT_EQ(two.engine.mode(), Mode::synced);
    EXPECT_EQ(two.data.tree().find("f")->size, 50u);
    expect_equal();
}

class DataLocks : public DataTest {
protected:
    static constexpr const char* kLock = "priv/lock/L";
    DataLocks() {
        settle();
        for (const char* path : {"priv", "priv/lock", kLock})
            run(two, Operation::make_directory(path));
    }
    // As a client that wants the lock does.
    void ask(Replica& replica) { run(replica, Operation::set_mtime(kLock, 0)); }
    bool held() const { return one.data.tree().find(kLock) != nullptr; }
};

TEST_F(DataLocks, GoAfterTheirTime) {
    ask(one);
    EXPECT_THAT(one.results, ElementsAre(-EACCES));
    clock += 120;
    ask(one);
    EXPECT_TRUE(held());
    clock += 1;
    ask(two);
    EXPECT_FALSE(held());
    expect_equal();
    EXPECT_EQ(two.data.tree().root().writer, 1u) << "the lowest node's doing";
}

TEST_F(DataLocks, OnlyTheOneThatWasMeant) {
    const auto checksum = one.data.tree().lock_checksum(kLock);
    clock += 200;
    run(two, Operation::remove(kLock));
    run(two, Operation::make_directory(kLock));
    raw({1, 10}, 7, encode(UnlockMessage{*checksum, kLock}));
    raw({1, 10}, 8, encode(UnlockMessage{*checksum, kLock}));
    EXPECT_TRUE(held());
}

}  // namespace
}  // namespace cfs::replica
