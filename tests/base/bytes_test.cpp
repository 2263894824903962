#include "totem/base/bytes.hpp"

#include <gtest/gtest.h>

#include <array>

namespace totem {
namespace {

constexpr std::array<std::uint8_t, 15> kBytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

TEST(Reader, ReadsIntegersInLittleEndianOrder) {
    Reader in(kBytes, ByteOrder::little);
    EXPECT_EQ(in.u8(), 0x01);
    EXPECT_EQ(in.u16(), 0x0302);
    EXPECT_EQ(in.u32(), 0x07060504u);
    EXPECT_EQ(in.u64(), 0x0f0e0d0c0b0a0908u);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.remaining(), 0u);
}

TEST(Reader, ReadsIntegersInBigEndianOrder) {
    Reader in(kBytes, ByteOrder::big);
    EXPECT_EQ(in.u8(), 0x01);
    EXPECT_EQ(in.u16(), 0x0203);
    EXPECT_EQ(in.u32(), 0x04050607u);
    EXPECT_EQ(in.u64(), 0x08090a0b0c0d0e0fu);
    EXPECT_TRUE(in.ok());
}

TEST(Reader, ReadsNegativeNumbers) {
    const std::array<std::uint8_t, 4> bytes{0xfe, 0xff, 0xff, 0xff};
    EXPECT_EQ(Reader(bytes, ByteOrder::little).i32(), -2);
}

TEST(Reader, FailsPastTheEndWithoutConsuming) {
    Reader in(Bytes(kBytes).first(3), ByteOrder::little);
    EXPECT_EQ(in.u32(), 0u);
    EXPECT_FALSE(in.ok());
    EXPECT_EQ(in.position(), 0u);
    // What still fits can be read, but the failure stays.
    EXPECT_EQ(in.u16(), 0x0201);
    EXPECT_FALSE(in.ok());
}

TEST(Reader, RefusesAViewOfMoreThanThereIs) {
    Reader in(kBytes, ByteOrder::little);
    in.skip(10);
    EXPECT_TRUE(in.bytes(static_cast<std::size_t>(-1)).empty());
    EXPECT_FALSE(in.ok());
    EXPECT_EQ(in.position(), 10u);
    EXPECT_EQ(in.rest().size(), 5u);
}

TEST(Reader, ViewsPointIntoTheData) {
    Reader in(kBytes, ByteOrder::little);
    in.skip(2);
    const Bytes view = in.bytes(3);
    EXPECT_EQ(view.data(), kBytes.data() + 2);
    EXPECT_EQ(view.size(), 3u);
    EXPECT_EQ(in.rest().data(), kBytes.data() + 5);
}

TEST(Reader, AlignsFromTheStart) {
    Reader in(kBytes, ByteOrder::little);
    in.align(8);
    EXPECT_EQ(in.position(), 0u);
    in.skip(1);
    in.align(8);
    EXPECT_EQ(in.position(), 8u);
    in.skip(1);
    in.align(8);  // 16 is past the end
    EXPECT_FALSE(in.ok());
}

TEST(Writer, WritesWhatAReaderReads) {
    for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
        std::array<std::uint8_t, 64> buffer;
        buffer.fill(0xaa);
        Writer out(buffer, order);
        out.u8(0x12);
        out.u16(0x3456);
        out.align(4);
        out.u32(0x789abcde);
        out.u64(0x0123456789abcdef);
        out.i32(-5);
        out.bytes(Bytes(kBytes).first(3));
        out.zeros(2);
        ASSERT_TRUE(out.ok());

        Reader in(Bytes(buffer).first(out.position()), order);
        EXPECT_EQ(in.u8(), 0x12);
        EXPECT_EQ(in.u16(), 0x3456);
        EXPECT_EQ(in.u8(), 0);
        EXPECT_EQ(in.u32(), 0x789abcdeu);
        EXPECT_EQ(in.u64(), 0x0123456789abcdefu);
        EXPECT_EQ(in.i32(), -5);
        EXPECT_EQ(in.u8(), 1);
        EXPECT_EQ(in.u16(), order == ByteOrder::little ? 0x0302 : 0x0203);
        EXPECT_EQ(in.u16(), 0);
        EXPECT_TRUE(in.ok());
        EXPECT_EQ(in.remaining(), 0u);
        EXPECT_EQ(buffer[out.position()], 0xaa);
    }
}

TEST(Writer, WritesNothingPastTheEnd) {
    std::array<std::uint8_t, 8> buffer;
    buffer.fill(0xaa);
    Writer out(MutableBytes(buffer).first(3), ByteOrder::little);
    out.u32(0);
    EXPECT_FALSE(out.ok());
    EXPECT_EQ(out.position(), 0u);
    out.bytes(kBytes);
    out.zeros(4);
    EXPECT_EQ(buffer[0], 0xaa);
    EXPECT_EQ(buffer[3], 0xaa);
}

TEST(Writer, AcceptsEmptyInput) {
    Writer out({}, ByteOrder::little);
    out.bytes({});
    out.zeros(0);
    EXPECT_TRUE(out.ok());
}

TEST(ByteSwap, ReversesEveryWidth) {
    EXPECT_EQ(byteswap<std::uint8_t>(0x12), 0x12);
    EXPECT_EQ(byteswap<std::uint16_t>(0x1234), 0x3412);
    EXPECT_EQ(byteswap<std::uint32_t>(0x12345678), 0x78563412u);
    EXPECT_EQ(byteswap<std::uint64_t>(0x0123456789abcdef), 0xefcdab8967452301u);
}

}  // namespace
}  // namespace totem
