// Requests to cmap that no library makes: spec client-ipc.md sections 3.1 and 9.

#include "engine/ipc/cmap_frontend.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "engine/ipc/cmap_messages.hpp"
#include "engine/ipc/raw.hpp"
#include "tests/ipc/fake_connection.hpp"

namespace engine::ipc {
namespace {

using namespace cmap_wire;

KeyName key(const std::string& text) {
    KeyName name;
    name.length = static_cast<std::uint16_t>(text.size());
    std::memcpy(name.value.data(), text.data(), std::min(text.size(), name.value.size()));
    return name;
}

class CmapFrontendTest : public testing::Test {
protected:
    CmapFrontendTest() { frontend_.connected(connection_); }

    Handled set(const std::string& name, std::uint64_t length, std::uint8_t type, const std::string& value) {
        SetRequest request{};
        request.key = key(name);
        request.length = length;
        request.type = type;
        const Bytes head = bytes_of(request);
        std::vector<std::uint8_t> message(head.begin(), head.end());
        message.insert(message.end(), value.begin(), value.end());
        return frontend_.request(connection_, kSet, message);
    }
    std::int32_t error() const { return load<ResponseHeader>(connection_.responses.back()).error; }

    cmap::Map map_;
    FakeConnection connection_;
    CmapFrontend frontend_{map_};
};

TEST_F(CmapFrontendTest, AValueLongerThanItsMessageIsInvalid) {
    EXPECT_EQ(set("a.key", 5, 12, "four"), Handled::invalid);
    EXPECT_EQ(set("a.key", ~std::uint64_t{0}, 11, "text"), Handled::invalid);
    EXPECT_EQ(set("a.key", 4, 12, "four and more"), Handled::done);
    EXPECT_EQ(error(), kCsOk);
    EXPECT_EQ(map_.get("a.key")->bytes(), "four");
}

TEST_F(CmapFrontendTest, AKeyWithoutItsEndIsTooLong) {
    EXPECT_EQ(set(std::string(256, 'k'), 1, 12, "x"), Handled::done);
    EXPECT_EQ(error(), kCsNameTooLong);
    EXPECT_EQ(map_.size(), 0U);
}

TEST_F(CmapFrontendTest, UnknownTypesAreRefused) {
    for (const std::uint8_t type : {0, 13, 255}) {
        set("a.key", 1, type, "x");
        EXPECT_EQ(error(), kCsInvalidParam) << int{type};
    }
}

TEST_F(CmapFrontendTest, AHugeBufferGetsNoMoreThanTheValue) {
    map_.set("a.key", "text");
    GetRequest request{};
    request.key = key("a.key");
    request.room = ~std::uint64_t{0};
    frontend_.request(connection_, kGet, bytes_of(request));
    EXPECT_EQ(connection_.responses.back().size(), sizeof(GetResponse) + 5);
}

TEST_F(CmapFrontendTest, HandlesAreBounded) {
    KeyRequest request{};
    for (int i = 0; i < 4096; ++i) {
        frontend_.request(connection_, kIterationInitialize, bytes_of(request));
        ASSERT_EQ(error(), kCsOk);
    }
    frontend_.request(connection_, kIterationInitialize, bytes_of(request));
    EXPECT_EQ(error(), kCsNoMemory);
    TrackAddRequest track{};
    track.events = 4;
    frontend_.request(connection_, kTrackAdd, bytes_of(track));
    EXPECT_EQ(error(), kCsNoMemory);
}

TEST_F(CmapFrontendTest, TheOtherMapNeedsStatisticsAndNoOpenHandles) {
    SetCurrentMapRequest request{};
    request.map = kStatsMap;
    frontend_.request(connection_, kSetCurrentMap, bytes_of(request));
    EXPECT_EQ(error(), kCsNotExist);
    KeyRequest iteration{};
    frontend_.request(connection_, kIterationInitialize, bytes_of(iteration));
    request.map = kDefaultMap;
    frontend_.request(connection_, kSetCurrentMap, bytes_of(request));
    EXPECT_EQ(error(), kCsBusy);
}

TEST_F(CmapFrontendTest, TrackersEndWithTheirConnection) {
    TrackAddRequest request{};
    request.key = key("a.");
    request.events = 4 | kTrackPrefix;
    request.instance = 77;
    frontend_.request(connection_, kTrackAdd, bytes_of(request));
    map_.set("a.key", "text");
    ASSERT_EQ(connection_.events.size(), 1U);
    const auto event = load<NotifyEvent>(connection_.events.front());
    EXPECT_EQ(event.instance, 77U);
    EXPECT_EQ(event.key.text(), "a.key");
    EXPECT_EQ(event.event, 4);
    EXPECT_EQ(connection_.events.front().size(), sizeof(NotifyEvent) + 5);
    EXPECT_EQ(static_cast<std::size_t>(event.header.size), connection_.events.front().size());
    frontend_.disconnected(connection_);
    map_.set("a.other", "text");
    EXPECT_EQ(connection_.events.size(), 1U);
}

}  // namespace
}  // namespace engine::ipc
