// What is refused, and with which words (pmxcfs-wire.md 2.4, 5.2 to 5.4, 6).

#include <gtest/gtest.h>

#include "cfs/replica/messages/data.hpp"
#include "cfs/replica/messages/status.hpp"

namespace cfs::replica {
namespace {

Buffer bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

void set32(Buffer& bytes, std::size_t at, std::uint32_t value) {
    totem::Writer(totem::MutableBytes(bytes).subspan(at), totem::ByteOrder::little).u32(value);
}

TEST(Headers, ThatAreTooShort) {
    EXPECT_EQ(decode_header(Buffer(15)).problem(), "received short message (15 bytes)");
    Buffer normal = encode(NormalMessage{{0, 3, 1, 5, 0}, 1, {}});
    EXPECT_EQ(normal.size(), 24u);
    normal.pop_back();
    EXPECT_EQ(decode_normal(normal).problem(), "received short message (type = 0, subtype = 3, 23 bytes)");
    Buffer state = encode(StateMessage{{2, 0, 1, 5, 0}, {1, 2, 3, 4}, {}});
    EXPECT_EQ(state.size(), 32u);
    state.pop_back();
    EXPECT_EQ(decode_state(state).problem(), "received short state message (type = 2, subtype = 0, 31 bytes)");
}

TEST(Headers, VerificationHasOneLength) {
    EXPECT_FALSE(decode_verify_request(Buffer(7)));
    EXPECT_FALSE(decode_verify_request(Buffer(9)));
    EXPECT_FALSE(decode_verify(Buffer(39)));
    EXPECT_FALSE(decode_verify(Buffer(41)));
    EXPECT_TRUE(decode_verify(Buffer(40)));
}

TEST(FileMessages, AreChecked) {
    const Buffer data = bytes_of("data");
    const Buffer good = encode(FileMessage{7, 0, "a/b", "c", data});
    ASSERT_TRUE(decode_file(good));
    EXPECT_EQ(decode_file(Buffer(19)).problem(), "received short fuse message (19 < 20)");
    for (const std::size_t length : {std::size_t{0}, std::size_t{8}, std::size_t{12}}) {
        Buffer bad = good;
        set32(bad, length, 0xFFFFFFFF);
        EXPECT_EQ(decode_file(bad).problem(), "received mailformed fuse message");
    }
    Buffer longer = good;
    longer.push_back(0);
    EXPECT_EQ(decode_file(longer).problem(), "received mailformed fuse message");
    Buffer path = good;
    path[20 + 3] = 'x';
    EXPECT_EQ(decode_file(path).problem(), "received mailformed fuse message - 'path' not terminated");
    Buffer to = good;
    to[20 + 4 + 1] = 'x';
    EXPECT_EQ(decode_file(to).problem(), "received mailformed fuse message - 'to' not terminated");
    EXPECT_EQ(decode_file(Buffer(20)).problem(), "received mailformed fuse message") << "no path";
}

// The sum of three lengths that wraps at 32 bits to what is there.
TEST(FileMessages, LengthsAreSummedIn64Bits) {
    Buffer message = encode(FileMessage{0, 0, "abc", {}, {}});
    set32(message, 0, 0x80000000);
    set32(message, 12, 0x80000000);
    EXPECT_EQ(decode_file(message).problem(), "received mailformed fuse message");
}

TEST(UnlockMessages, AreChecked) {
    EXPECT_EQ(decode_unlock(Buffer(32)).problem(), "received short unlock message (32 < 33)");
    EXPECT_EQ(decode_unlock(Buffer(33, 'x')).problem(), "received mailformed unlock message - 'path' not terminated");
    EXPECT_TRUE(decode_unlock(Buffer(33)));
}

TEST(UpdateMessages, AreChecked) {
    const Buffer data = bytes_of("data");
    const Buffer good = encode(UpdateMessage{1, 2, 3, 4, 5, UpdateMessage::kFile, "name", data});
    ASSERT_TRUE(decode_update(good));
    EXPECT_EQ(decode_update(Buffer(40)).problem(), "received short message (msg_len < 40)");
    Buffer type = good;
    type[40] = 5;
    EXPECT_EQ(decode_update(type).problem(), "received mailformed message (unknown inode type 5)");
    for (const std::size_t length : {std::size_t{32}, std::size_t{36}}) {
        Buffer bad = good;
        set32(bad, length, 0xFFFFFFFF);
        EXPECT_EQ(decode_update(bad).problem(), "received mailformed message (msg_len != (size + namelen))");
    }
    Buffer name = good;
    name[41 + 4] = 'x';
    EXPECT_EQ(decode_update(name).problem(), "received mailformed message (name[namelen-1] != 0)");
    Buffer none = good;
    set32(none, 36, 0);
    set32(none, 32, 9);
    EXPECT_EQ(decode_update(none).problem(), "received mailformed message (name[namelen-1] != 0)");
}

TEST(KeyMessages, AreChecked) {
    EXPECT_EQ(decode_key(Buffer(255)).problem(), "received short kvstore message (255 < 256)");
    EXPECT_FALSE(decode_key(Buffer(256, 'k'))) << "no NUL";
    const auto empty = decode_key(encode(KeyMessage{"key", {}}));
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->key, "key");
    EXPECT_TRUE(empty->value.empty());
    const auto cut = decode_key(encode(KeyMessage{std::string(300, 'k'), {}}));
    ASSERT_TRUE(cut);
    EXPECT_EQ(cut->key, std::string(255, 'k'));
}

TEST(LogMessages, AreChecked) {
    LogEntry entry;
    entry.node = "node1", entry.ident = "root", entry.tag = "tag", entry.message = "hello";
    const Buffer good = encode(entry);
    EXPECT_EQ(good.size(), 48u + 6 + 5 + 4 + 6);
    ASSERT_TRUE(decode_log(good));
    EXPECT_EQ(*decode_log(good), entry);
    EXPECT_EQ(decode_log(Buffer(47)).problem(), "received short log message (47 < 48)");
    Buffer size = good;
    set32(size, 40, 0xFFFFFFFF);
    EXPECT_EQ(decode_log(size).problem(), "received log message with wrong size (69 != 4294967358)");
    Buffer open = good;
    open[44 + 5] = 'x';
    EXPECT_EQ(decode_log(open).problem(), "unterminated string in log message");
    EXPECT_EQ(decode_log(Buffer(48)).problem(), "unterminated string in log message") << "no strings at all";
}

TEST(LogMessages, Digests) {
    EXPECT_EQ(text_digest("node1"), 0xe6f5e3c220c8fefcu);
    EXPECT_EQ(text_digest("root"), 0x4dd1e2461dbc53bfu);
}

}  // namespace
}  // namespace cfs::replica
