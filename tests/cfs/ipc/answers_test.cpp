// Each request of pmxcfs.md 14.3 with its length checks and error numbers, and what is hostile about lengths.

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/cfs/ipc/fake_backend.hpp"

namespace cfs::ipc::test {
namespace {

class Answers : public ::testing::Test {
protected:
    Answers() {
        backend.put("corosync.conf", "totem {}\n");
        backend.put("empty", "");
        backend.put("priv/token.cfg", "root@pam!a 11\nroot@pam!b 22");
        backend.put("nodes/node1/priv/key", "secret");
        backend.put("nodes/node1/qemu-server/100.conf", "name: web\ncores: 2\n");
        backend.put("nodes/node2/lxc/101.conf", "hostname: db\ncores: 4\n");
    }
    Answer ask(std::int32_t id, std::string_view body = {}) { return answer(backend, era, root, request(id, body)); }
    Answer ask_as_reader(std::int32_t id, std::string_view body) {
        return answer(backend, era, {.read_only = true, .pid = 8}, request(id, body));
    }
    int error(std::int32_t id, std::string_view body = {}) {
        const Answer got = ask(id, body);
        EXPECT_TRUE(got.error == 0 || got.data.empty());
        return got.error;
    }

    FakeBackend backend;
    Era era = Era::p9;
    const Caller root{.read_only = false, .pid = 7};
};

TEST_F(Answers, TextsWantNothingBehindTheHeader) {
    EXPECT_EQ(ask(kGetVersion).data, "version");
    EXPECT_EQ(ask(kGetMembers).data, "members");
    EXPECT_EQ(ask(kGetGuests).data, "guests");
    EXPECT_EQ(ask(kGetRrd).data, backend.rrd + '\0');
    backend.rrd.clear();
    EXPECT_EQ(ask(kGetRrd).data, std::string(1, '\0'));
    for (const auto id : {kGetVersion, kGetMembers, kGetGuests, kGetRrd}) {
        EXPECT_EQ(error(id, "x"), -EINVAL) << id;
        EXPECT_EQ(ask_as_reader(id, "").error, 0) << id;
    }
}

TEST_F(Answers, UnknownRequests) {
    for (const std::int32_t id : {0, -1, 9, 14, 255, INT32_MAX, INT32_MIN})
        EXPECT_EQ(error(id, "anything"), -ECHRNG) << id;
    EXPECT_EQ(ECHRNG, 44);
    era = Era::p5;
    for (const std::int32_t id : {11, 12, 13})
        EXPECT_EQ(error(id, number(100) + text("cores")), -ECHRNG) << id;
    EXPECT_EQ(error(kGetVersion), 0);
}

TEST_F(Answers, MessagesWithoutAHeader) {
    const auto whole = request(kGetVersion);
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(answer(backend, era, root, Bytes(whole).first(size)).error, -EINVAL) << size;
}

TEST_F(Answers, StatusIsSetAndGot) {
    EXPECT_EQ(error(kSetStatus, name("kv") + "value"), 0);
    EXPECT_EQ(ask(kGetStatus, name("kv") + name("")).data, "value");
    EXPECT_EQ(ask(kGetStatus, name("kv") + name("node1") + "more").data, "value");
    EXPECT_EQ(error(kGetStatus, name("kv") + name("node2")), -ENOENT);
    EXPECT_EQ(error(kGetStatus, name("other") + name("")), -ENOENT);
    EXPECT_EQ(error(kSetStatus, name("kv")), 0);  // no value
    EXPECT_EQ(ask(kGetStatus, name("kv") + name("")).data, "");
    EXPECT_EQ(error(kSetStatus, name("kv") + std::string(32769, 'x')), -EFBIG);
    EXPECT_EQ(ask_as_reader(kGetStatus, name("kv") + name("")).error, 0);
}

TEST_F(Answers, StatusSizes) {
    EXPECT_EQ(error(kSetStatus, name("kv").substr(1)), -EINVAL);
    EXPECT_EQ(error(kSetStatus), -EINVAL);
    EXPECT_EQ(error(kGetStatus, (name("kv") + name("node1")).substr(1)), -EINVAL);
    EXPECT_EQ(error(kGetStatus, name("kv")), -EINVAL);
    const std::string unterminated(256, 'x');
    EXPECT_EQ(error(kSetStatus, unterminated + "value"), -EINVAL);
    EXPECT_EQ(error(kGetStatus, unterminated + name("")), -EINVAL);
    EXPECT_EQ(error(kGetStatus, name("kv") + unterminated), -EINVAL);
    EXPECT_EQ(error(kSetStatus, text(std::string(255, 'x')) + "value"), 0);
    EXPECT_EQ(backend.keys.begin()->first.second, std::string(255, 'x'));
}

TEST_F(Answers, ReadersSetAndLogNothing) {
    EXPECT_EQ(ask_as_reader(kSetStatus, name("kv") + "value").error, -EPERM);
    EXPECT_EQ(ask_as_reader(kSetStatus, "").error, -EPERM);
    EXPECT_EQ(ask_as_reader(kLog, log_line(6, "root", "tag", "text")).error, -EPERM);
    EXPECT_TRUE(backend.keys.empty());
    EXPECT_TRUE(backend.logged.empty());
}

TEST_F(Answers, Config) {
    EXPECT_EQ(ask(kGetConfig, text("corosync.conf")).data, "totem {}\n");
    EXPECT_EQ(ask(kGetConfig, text("/corosync.conf")).data, "totem {}\n");
    EXPECT_EQ(ask(kGetConfig, text("corosync.conf") + "rest").data, "totem {}\n");
    EXPECT_EQ(error(kGetConfig, text("empty")), 0);
    EXPECT_EQ(error(kGetConfig, text("nodes")), -ENOENT);
    EXPECT_EQ(error(kGetConfig, text("")), -ENOENT);
    EXPECT_EQ(error(kGetConfig, text(".version")), -ENOENT);
    EXPECT_EQ(error(kGetConfig, text("corosync.conf/x")), -ENOENT);
    EXPECT_EQ(error(kGetConfig), -EINVAL);
    EXPECT_EQ(error(kGetConfig, "corosync.conf"), -EINVAL);
    EXPECT_EQ(ask(kGetConfig, text("priv/token.cfg")).error, 0);
}

TEST_F(Answers, ReadersDoNotGetPrivateFilesHoweverTheyAreSpelled) {
    EXPECT_EQ(ask_as_reader(kGetConfig, text("corosync.conf")).data, "totem {}\n");
    backend.asked_files.clear();
    for (const char* path :
         {"priv/token.cfg", "/priv/token.cfg", "//priv//token.cfg", "priv", "priv/none", "nodes/node1/priv/key",
          "//nodes///node1//priv//key", "nodes/any/priv", "nodes/../priv/token.cfg"})
        EXPECT_EQ(ask_as_reader(kGetConfig, text(path)).error, -EPERM) << path;
    EXPECT_TRUE(backend.asked_files.empty());
    for (const char* path : {"./priv/token.cfg", "nodes/node1/./priv/key"})
        EXPECT_EQ(ask_as_reader(kGetConfig, text(path)).error, -ENOENT) << path;
}

TEST_F(Answers, LogLines) {
    EXPECT_EQ(error(kLog, log_line(3, "root@pam", "pvedaemon", "a \"text\"\n")), 0);
    EXPECT_EQ(error(kLog, log_line(7, "", "", "")), 0);
    EXPECT_EQ(error(kLog, log_line(8, "root", "tag", "not logged")), 0);
    EXPECT_EQ(error(kLog, log_line(255, "root", "tag", "not logged")), 0);
    EXPECT_EQ(backend.logged,
              (std::vector<FakeBackend::Logged>{{3, 7, "root@pam", "pvedaemon", "a \"text\"\n"}, {7, 7, "", "", ""}}));
}

TEST_F(Answers, LogLinesWhoseLengthsLie) {
    const std::string good = log_line(6, "root", "tag", "text");
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(error(kLog, std::string_view(good).substr(0, size)), -EINVAL) << size;
    for (const std::size_t length_at : {1u, 2u}) {
        for (int length = 0; length < 256; ++length) {
            std::string bad = good;
            if (static_cast<unsigned char>(bad[length_at]) == length) continue;
            bad[length_at] = static_cast<char>(length);
            // One length reaches another text's end, and the texts move: that can't be told from a good request.
            const bool good_ends = length_at == 1 ? length == 5 : length == 4;
            EXPECT_EQ(error(kLog, bad) == 0, good_ends) << length_at << " " << length;
        }
    }
    EXPECT_TRUE(backend.logged.empty());
}

TEST_F(Answers, ClusterLog) {
    const std::string reserved = number(0) + number(1) + number(2);
    EXPECT_EQ(ask(kGetClusterLog, number(5) + reserved + text("root@pam")).data, "5 of root@pam");
    EXPECT_EQ(ask_as_reader(kGetClusterLog, number(0) + reserved + text("")).data, "0 of ");
    EXPECT_EQ(error(kGetClusterLog, number(5) + reserved), -EINVAL);
    EXPECT_EQ(error(kGetClusterLog, number(5) + reserved + "root@pam"), -EINVAL);
    EXPECT_EQ(error(kGetClusterLog, number(5)), -EINVAL);
    EXPECT_EQ(error(kGetClusterLog), -EINVAL);
}

TEST_F(Answers, GuestProperty) {
    EXPECT_EQ(ask(kGetGuestProperty, number(100) + text("cores")).data, "{\n\"100\":{\"cores\": \"2\"}\n}\n");
    EXPECT_EQ(ask(kGetGuestProperty, number(0) + text("cores")).data,
              "{\n\"100\":{\"cores\": \"2\"},\n\"101\":{\"cores\": \"4\"}\n}\n");
    EXPECT_EQ(ask_as_reader(kGetGuestProperty, number(100) + text("none")).data, "{\n\n}\n");
    for (const std::uint32_t id : {1u, 99u})
        EXPECT_EQ(error(kGetGuestProperty, number(id) + text("cores")), -EINVAL) << id;
    for (const std::uint32_t id : {102u, UINT32_MAX})
        EXPECT_EQ(error(kGetGuestProperty, number(id) + text("cores")), -ENOENT) << id;
    EXPECT_EQ(error(kGetGuestProperty, number(100) + "cores"), -EINVAL);
    EXPECT_EQ(error(kGetGuestProperty, number(100)), -EINVAL);
    EXPECT_EQ(error(kGetGuestProperty, "xxx"), -EINVAL);
    EXPECT_EQ(error(kGetGuestProperty), -EINVAL);
}

TEST_F(Answers, GuestProperties) {
    EXPECT_EQ(ask(kGetGuestProperties, property_names(0, {"name", "cores"})).data,
              "{\n\"100\":{\"name\": \"web\",\"cores\": \"2\"},\n\"101\":{\"cores\": \"4\"}\n}\n");
    EXPECT_EQ(ask(kGetGuestProperties, property_names(101, {"name"})).data, "{\n\n}\n");
    EXPECT_EQ(error(kGetGuestProperties, property_names(99, {"name"})), -EINVAL);
    EXPECT_EQ(error(kGetGuestProperties, property_names(500, {"name"})), -ENOENT);
}

TEST_F(Answers, GuestPropertiesThatAreNotWhatTheySay) {
    EXPECT_EQ(error(kGetGuestProperties, property_names(100, {})), -EINVAL);
    for (const char* bad : {"", "Name", "0", "[x", " name", "\xff"})
        EXPECT_EQ(error(kGetGuestProperties, property_names(100, {"name", bad})), -EINVAL) << bad;
    const std::string good = property_names(100, {"name", "cores"});
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(error(kGetGuestProperties, std::string_view(good).substr(0, size)), -EINVAL) << size;
    EXPECT_EQ(error(kGetGuestProperties, good + "x"), -EINVAL);
    EXPECT_EQ(error(kGetGuestProperties, good + text("")), -EINVAL);
    for (int count = 0; count < 256; ++count) {
        std::string lying = good;
        lying[4] = static_cast<char>(count);
        EXPECT_EQ(error(kGetGuestProperties, lying), count == 2 ? 0 : -EINVAL) << count;
    }
}

TEST_F(Answers, Tokens) {
    EXPECT_EQ(ask_as_reader(kVerifyToken, text("root@pam!a 11")).error, 0);
    EXPECT_EQ(ask(kVerifyToken, text("root@pam!b 22")).data, "");
    for (const char* wrong : {"root@pam!a", "root@pam!a 111", "oot@pam!a 11", "root@pam!b 2", " "})
        EXPECT_EQ(error(kVerifyToken, text(wrong)), -ENOENT) << wrong;
    EXPECT_EQ(error(kVerifyToken), -EINVAL);
    EXPECT_EQ(error(kVerifyToken, text("")), -EINVAL);
    EXPECT_EQ(error(kVerifyToken, "root@pam!a 11"), -EINVAL);
    EXPECT_EQ(error(kVerifyToken, text("root@pam!a 11\nroot@pam!b 22")), -EINVAL);
    EXPECT_EQ(error(kVerifyToken, text("root@pam!a 11\n")), -EINVAL);
    EXPECT_EQ(error(kVerifyToken, text("root@pam!a 11") + text("")), -EINVAL);
    backend.apply(Operation::remove("priv/token.cfg"));
    EXPECT_EQ(error(kVerifyToken, text("root@pam!a 11")), -ENOENT);
}

}  // namespace
}  // namespace cfs::ipc::test
