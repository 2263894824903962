// Spec client-ipc.md section 9.3.

#include "engine/cmap/value.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace engine::cmap {
namespace {

using namespace std::string_literals;

TEST(Value, KnowsItsTypeWithoutPromotion) {
    EXPECT_EQ(Value(std::int8_t{1}).type(), Type::i8);
    EXPECT_EQ(Value(std::uint8_t{1}).type(), Type::u8);
    EXPECT_EQ(Value(std::int16_t{1}).type(), Type::i16);
    EXPECT_EQ(Value(std::uint16_t{1}).type(), Type::u16);
    EXPECT_EQ(Value(std::int32_t{1}).type(), Type::i32);
    EXPECT_EQ(Value(std::uint32_t{1}).type(), Type::u32);
    EXPECT_EQ(Value(std::int64_t{1}).type(), Type::i64);
    EXPECT_EQ(Value(std::uint64_t{1}).type(), Type::u64);
    EXPECT_EQ(Value(1.0F).type(), Type::flt);
    EXPECT_EQ(Value(1.0).type(), Type::dbl);
    EXPECT_EQ(Value("x").type(), Type::string);
    EXPECT_EQ(Value(std::string("x")).type(), Type::string);
    EXPECT_EQ(Value(Binary{}).type(), Type::binary);
}

TEST(Value, NumbersHaveTheirNaturalSizeInHostOrder) {
    const std::uint32_t number = 0x01020304;
    const Value value(number);
    EXPECT_EQ(value.length(), 4U);
    EXPECT_EQ(value.bytes(), std::string(reinterpret_cast<const char*>(&number), sizeof number));
    EXPECT_EQ(Value(std::uint8_t{255}).bytes(), "\xff");
    EXPECT_EQ(Value(1.0).length(), 8U);
}

TEST(Value, StringsCountTheirNul) {
    EXPECT_EQ(Value("abc").bytes(), "abc\0"s);
    EXPECT_EQ(Value("abc").length(), 4U);
    EXPECT_EQ(Value("").length(), 1U);
}

TEST(Value, FromBytes) {
    EXPECT_EQ(Value::from_bytes(6, std::string("\x02\x00\x00\x00", 4)), Value(std::uint32_t{2}));
    EXPECT_EQ(Value::from_bytes(11, "abc"), Value("abc"));
    EXPECT_EQ(Value::from_bytes(11, "abc\0"s), Value("abc"));
    EXPECT_EQ(Value::from_bytes(12, "a\0b"s)->bytes(), "a\0b"s);
    EXPECT_EQ(Value::from_bytes(12, "")->length(), 0U);
}

TEST(Value, FromBytesRefusesWrongSizesAndUnknownTypes) {
    EXPECT_FALSE(Value::from_bytes(6, "abc"));
    EXPECT_FALSE(Value::from_bytes(6, "abcde"));
    EXPECT_FALSE(Value::from_bytes(2, ""));
    EXPECT_FALSE(Value::from_bytes(11, "abc\0def"s));
    for (const std::uint8_t type : {0, 13, 255})
        EXPECT_FALSE(Value::from_bytes(type, "a")) << int{type};
}

TEST(Value, BytesMakeTheSameValueAgain) {
    const Value values[] = {Value(std::int8_t{-1}),
                            Value(std::uint16_t{7}),
                            Value(std::int64_t{std::numeric_limits<std::int64_t>::min()}),
                            Value(2.5F),
                            Value(-0.0),
                            Value("text"),
                            Value(Binary{std::byte{0}, std::byte{9}})};
    for (const Value& value : values) {
        EXPECT_EQ(Value::from_bytes(static_cast<std::uint8_t>(value.type()), value.bytes()), value);
    }
}

TEST(Value, EqualityIsOfTypeAndBytes) {
    EXPECT_NE(Value(std::uint32_t{1}), Value(std::int32_t{1}));
    EXPECT_NE(Value("1"), Value(std::uint8_t{1}));
    EXPECT_EQ(Value(std::nan("")), Value(std::nan("")));
    EXPECT_NE(Value(0.0), Value(-0.0));
}

}  // namespace
}  // namespace engine::cmap
