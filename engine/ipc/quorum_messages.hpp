#pragma once
// Layouts of the client messages of QUORUM and VOTEQUORUM (client-ipc.md sections 10 and 11).

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/ipc/messages.hpp"

namespace engine::ipc {

// Of track start, for both services.
enum TrackFlag : std::uint32_t { kTrackCurrent = 1, kTrackChanges = 2, kTrackChangesOnly = 4 };

struct RingIdField {
    std::uint32_t node = 0;
    std::uint32_t pad = 0;
    std::uint64_t seq = 0;
};
static_assert(sizeof(RingIdField) == 16);

namespace quorum_wire {

enum Request : std::uint32_t {
    kGetQuorate = 0,
    kTrackStart = 1,
    kTrackStop = 2,
    kGetType = 3,
    kModelGetType = 4,
    kRequestCount = 5
};
enum Response : std::int32_t {
    kGetQuorateResponse = 0,
    kTrackStartResponse = 1,
    kTrackStopResponse = 2,
    kGetTypeResponse = 4,
    kModelGetTypeResponse = 5
};
enum Event : std::int32_t { kNotification = 3, kQuorum = 6, kNodelist = 7 };

struct TrackStartRequest {
    RequestHeader header;
    std::uint32_t flags;
};
struct ModelGetTypeRequest {
    RequestHeader header;
    std::uint32_t model;
};
static_assert(sizeof(TrackStartRequest) == 24 && sizeof(ModelGetTypeRequest) == 24);

// The lists of events begin 4 bytes before the end of the fixed part, and the size includes 4 unused bytes behind.
struct NotificationEvent {
    ResponseHeader header;
    std::int32_t quorate = 0;
    std::uint32_t pad = 0;
    std::uint64_t ring_seq = 0;
    std::uint32_t count = 0;
    std::uint32_t first_node = 0;
};
static_assert(sizeof(NotificationEvent) == 48 && offsetof(NotificationEvent, first_node) == 44);

struct QuorumEvent {
    ResponseHeader header;
    std::int32_t quorate = 0;
    std::uint32_t pad = 0;
    RingIdField ring;
    std::uint32_t count = 0;
    std::uint32_t first_node = 0;
};
static_assert(sizeof(QuorumEvent) == 56 && offsetof(QuorumEvent, first_node) == 52);

struct NodelistEvent {
    ResponseHeader header;
    RingIdField ring;
    std::uint32_t members = 0;
    std::uint32_t pad0 = 0;
    std::uint32_t joined = 0;
    std::uint32_t pad1 = 0;
    std::uint32_t left = 0;
    std::uint32_t first_node = 0;
};
static_assert(sizeof(NodelistEvent) == 64 && offsetof(NodelistEvent, first_node) == 60);

}  // namespace quorum_wire

namespace votequorum_wire {

enum Request : std::uint32_t {
    kGetInfo = 0,
    kSetExpected = 1,
    kSetVotes = 2,
    kTrackStart = 3,
    kTrackStop = 4,
    kDeviceRegister = 5,
    kDeviceUnregister = 6,
    kDeviceUpdate = 7,
    kDevicePoll = 8,
    kDeviceMasterWins = 9,
    kRequestCount = 10
};
enum Response : std::int32_t { kStatusResponse = 0, kGetInfoResponse = 1 };
enum Event : std::int32_t { kQuorum = 3, kExpectedVotes = 4, kNodelist = 5 };

using DeviceName = std::array<char, 255>;

struct GetInfoRequest {
    RequestHeader header;
    std::uint32_t node;
};
struct SetExpectedRequest {
    RequestHeader header;
    std::uint32_t votes;
};
struct SetVotesRequest {
    RequestHeader header;
    std::uint32_t votes;
    std::uint32_t node;
};
struct TrackStartRequest {
    RequestHeader header;
    std::uint64_t context;
    std::uint32_t flags;
};
struct DeviceRequest {  // register, unregister
    RequestHeader header;
    DeviceName name;
};
struct DeviceUpdateRequest {
    RequestHeader header;
    DeviceName old_name, new_name;
};
struct DevicePollRequest {
    RequestHeader header;
    DeviceName name;
    std::int32_t cast_vote;
    RingIdField ring;
};
struct DeviceMasterWinsRequest {
    RequestHeader header;
    DeviceName name;
    std::uint32_t allow;
};
static_assert(sizeof(GetInfoRequest) == 24 && sizeof(SetExpectedRequest) == 24 && sizeof(SetVotesRequest) == 24);
static_assert(sizeof(TrackStartRequest) == 32 && sizeof(DeviceRequest) == 272 && sizeof(DeviceUpdateRequest) == 528);
static_assert(sizeof(DevicePollRequest) == 296 && offsetof(DevicePollRequest, cast_vote) == 272 &&
              offsetof(DevicePollRequest, ring) == 280);
static_assert(sizeof(DeviceMasterWinsRequest) == 280 && offsetof(DeviceMasterWinsRequest, allow) == 272);

struct GetInfoResponse {
    ResponseHeader header;
    std::uint32_t node = 0, state = 0, votes = 0, expected_votes = 0, highest_expected = 0, total_votes = 0;
    std::uint32_t quorum = 0, flags = 0, device_votes = 0;
    DeviceName device_name{};
};
static_assert(sizeof(GetInfoResponse) == 320 && offsetof(GetInfoResponse, device_name) == 60);

struct QuorumEvent {
    ResponseHeader header;
    std::uint32_t quorate = 0;
    std::uint32_t pad0 = 0;
    std::uint64_t context = 0;
    std::uint32_t count = 0;
    std::uint32_t pad1 = 0;
};
struct NodeState {
    std::uint32_t node = 0, state = 0;
};
static_assert(sizeof(QuorumEvent) == 48 && sizeof(NodeState) == 8);

struct ExpectedVotesEvent {
    ResponseHeader header;
    std::uint64_t context = 0;
    std::uint32_t expected_votes = 0;
    std::uint32_t pad = 0;
};
static_assert(sizeof(ExpectedVotesEvent) == 40);

struct NodelistEvent {
    ResponseHeader header;
    std::uint64_t context = 0;
    RingIdField ring;
    std::uint32_t count = 0;
    std::uint32_t pad = 0;
};
static_assert(sizeof(NodelistEvent) == 56);

}  // namespace votequorum_wire

}  // namespace engine::ipc
