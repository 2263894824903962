// The executive messages as bytes. Spec votequorum.md section 3.

#include "votequorum/messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vote {
namespace {

using testing::ElementsAre;
using totem::ByteOrder;
using totem::Bytes;
using Image = std::vector<std::uint8_t>;

Message decoded(const Message& message, const Image& image, ByteOrder order) {
    Message out;
    EXPECT_TRUE(decode(function_of(message), image, order, out));
    return out;
}

void expect_returns(const Message& message, std::size_t size) {
    for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
        const Image image = encode(message, order);
        EXPECT_EQ(image.size(), size);
        EXPECT_EQ(decoded(message, image, order), message);
    }
}

TEST(VoteMessages, Nodeinfo) {
    const NodeInfo info{0x01020304, 5, 0x607, kQuorate | kFirst};
    EXPECT_THAT(encode(info, ByteOrder::little), ElementsAre(4, 3, 2, 1, 5, 0, 0, 0, 7, 6, 0, 0, 9, 0, 0, 0));
    EXPECT_THAT(encode(info, ByteOrder::big), ElementsAre(1, 2, 3, 4, 0, 0, 0, 5, 0, 0, 6, 7, 0, 0, 0, 9));
    expect_returns(info, 16);
}

TEST(VoteMessages, Reconfigure) {
    const Reconfigure change{3, 0x102, Reconfigure::node_votes};
    EXPECT_THAT(encode(change, ByteOrder::little), ElementsAre(3, 0, 0, 0, 2, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0));
    EXPECT_THAT(encode(change, ByteOrder::big), ElementsAre(0, 0, 0, 3, 0, 0, 1, 2, 2, 0, 0, 0, 0, 0, 0, 0));
    expect_returns(change, 16);
}

TEST(VoteMessages, DeviceOperation) {
    const DeviceOperation operation{DeviceOperation::register_, "QDEVICE"};
    Image expected(264);
    expected[0] = 1;
    std::copy_n("QDEVICE", 7, expected.begin() + 4);
    EXPECT_EQ(encode(operation, ByteOrder::little), expected);
    std::swap(expected[0], expected[3]);
    EXPECT_EQ(encode(operation, ByteOrder::big), expected);
    expect_returns(operation, 264);
    expect_returns(DeviceOperation{DeviceOperation::unregister, std::string(kMaxDeviceName, 'x')}, 264);
}

TEST(VoteMessages, DeviceRename) {
    Image expected(512);
    std::copy_n("old", 3, expected.begin());
    std::copy_n("new", 3, expected.begin() + 255);
    EXPECT_EQ(encode(DeviceRename{"old", "new"}, ByteOrder::little), expected);
    EXPECT_EQ(encode(DeviceRename{"old", "new"}, ByteOrder::big), expected);
    expect_returns(DeviceRename{"old", "new"}, 512);
}

TEST(VoteMessages, LongNamesAreCut) {
    const Message back = decoded(
        DeviceOperation{}, encode(DeviceOperation{1, std::string(400, 'x')}, ByteOrder::little), ByteOrder::little);
    EXPECT_EQ(std::get<DeviceOperation>(back).name, std::string(kMaxDeviceName, 'x'));
}

TEST(VoteMessages, WhatComesAfterTheNameDoesNotMatter) {
    Image image = encode(DeviceOperation{1, "a"}, ByteOrder::little);
    std::fill(image.begin() + 6, image.end(), 0xEE);
    EXPECT_EQ(std::get<DeviceOperation>(decoded(DeviceOperation{}, image, ByteOrder::little)).name, "a");
}

TEST(VoteMessages, ShortOrEndlessOnesAreRefused) {
    const std::pair<Message, std::size_t> needed[] = {
        {NodeInfo{}, 16}, {Reconfigure{}, 9}, {DeviceOperation{1, "n"}, 259}, {DeviceRename{"a", "b"}, 510}};
    Message out;
    for (const auto& [message, size] : needed) {
        const Image image = encode(message, ByteOrder::little);
        for (std::size_t cut = 0; cut < size; ++cut)
            EXPECT_FALSE(decode(function_of(message), Bytes(image).first(cut), ByteOrder::little, out)) << cut;
        EXPECT_TRUE(decode(function_of(message), Bytes(image).first(size), ByteOrder::little, out));
    }
    const Image endless(512, 'x');
    EXPECT_FALSE(decode(kDevice, endless, ByteOrder::little, out));
    EXPECT_FALSE(decode(kDeviceRename, endless, ByteOrder::little, out));
    EXPECT_FALSE(decode(kFunctionCount, endless, ByteOrder::little, out));
}

}  // namespace
}  // namespace vote
