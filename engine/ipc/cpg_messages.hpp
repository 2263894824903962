#pragma once
// Layouts of CPG's client messages (client-ipc.md sections 3.3, 7.3, 7.4 and 7.8).

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/ipc/messages.hpp"

namespace engine::ipc::cpg_wire {

enum Request : std::uint32_t {
    kJoin = 0,
    kLeave = 1,
    kMcast = 2,
    kMembership = 3,
    kLocalGet = 4,
    kIterationInitialize = 5,
    kIterationNext = 6,
    kIterationFinalize = 7,
    kFinalize = 8,
    kZcAlloc = 9,
    kZcFree = 10,
    kZcExecute = 11,
    kPartialMcast = 12,
    kRequestCount = 13,
};

enum Response : std::int32_t {
    kJoinResponse = 0,
    kZcResponse = 0,
    kLeaveResponse = 1,
    kZcExecuteResponse = 2,
    kMembershipResponse = 3,
    kLocalGetResponse = 7,
    kIterationInitializeResponse = 9,
    kIterationNextResponse = 10,
    kIterationFinalizeResponse = 11,
    kFinalizeResponse = 12,
    kPartialMcastResponse = 18,
};

enum Event : std::int32_t {
    kConfchg = 4,
    kDeliver = 5,
    kTotemConfchg = 13,
    kPartialDeliver = 17,
};

inline constexpr std::size_t kMaxGroupName = 128;
inline constexpr std::size_t kMaxClientMembers = 128;  // a client's arrays
inline constexpr std::size_t kMembershipSlots = 384;
inline constexpr std::size_t kMaxPayload = 1047552;  // section 7.9
inline constexpr std::size_t kMaxPath = 128;
inline constexpr std::uint32_t kIterateOneGroup = 2;

// A 32-bit field in an 8-byte slot.
struct alignas(8) Slot {
    std::uint32_t value = 0;
    std::uint32_t pad = 0;
};

struct alignas(8) Name {
    std::uint32_t length = 0;
    std::uint32_t pad = 0;
    std::array<char, kMaxGroupName> value{};
};
static_assert(sizeof(Name) == 136);

struct Address {
    Slot node, pid, reason;
};
static_assert(sizeof(Address) == 24);

// --- requests ---

struct JoinRequest {
    RequestHeader header;
    Name group;
    Slot pid, flags;
};
static_assert(sizeof(JoinRequest) == 168 && offsetof(JoinRequest, pid) == 152);

struct LeaveRequest {
    RequestHeader header;
    Name group;
    Slot pid;
};
static_assert(sizeof(LeaveRequest) == 160);

struct McastRequest {  // payload follows
    ResponseHeader header;
    Slot guarantee, length;
};
static_assert(sizeof(McastRequest) == 40);

struct PartialMcastRequest {  // payload follows
    ResponseHeader header;
    Slot guarantee, total_length, fragment_length, type;
};
static_assert(sizeof(PartialMcastRequest) == 56);

struct MembershipRequest {
    RequestHeader header;
    Name group;
};
static_assert(sizeof(MembershipRequest) == 152);

struct IterationInitializeRequest {
    RequestHeader header;
    Name group;
    Slot type;
};
static_assert(sizeof(IterationInitializeRequest) == 160);

struct HandleRequest {  // iteration next and finalize; zero-copy execute, with the buffer's address
    RequestHeader header;
    std::uint64_t handle;
};
static_assert(sizeof(HandleRequest) == 24);

struct ZcAllocRequest {
    RequestHeader header;
    std::uint64_t map_size;
    std::array<char, kMaxPath> path;
};
static_assert(sizeof(ZcAllocRequest) == 152);

struct ZcFreeRequest {
    RequestHeader header;
    std::uint64_t map_size;
    std::uint64_t address;
};
static_assert(sizeof(ZcFreeRequest) == 32);

// --- responses ---

struct MembershipResponse {
    ResponseHeader header;
    Slot count;
    std::array<Address, kMembershipSlots> members;
};
static_assert(sizeof(MembershipResponse) == 9248);

struct LocalGetResponse {
    ResponseHeader header;
    Slot node;
};
static_assert(sizeof(LocalGetResponse) == 32);

struct IterationInitializeResponse {
    ResponseHeader header;
    std::uint64_t handle = 0;
};
static_assert(sizeof(IterationInitializeResponse) == 32);

struct IterationNextResponse {
    ResponseHeader header;
    Name group;
    std::uint32_t node = 0, pid = 0;
};
static_assert(sizeof(IterationNextResponse) == 168);

// --- events ---

struct ConfchgEvent {  // addresses follow: members, left, joined
    ResponseHeader header;
    Name group;
    Slot member_count, joined_count, left_count;
};
static_assert(sizeof(ConfchgEvent) == 184);

struct DeliverEvent {  // payload follows
    ResponseHeader header;
    Name group;
    Slot length, node, pid;
};
static_assert(sizeof(DeliverEvent) == 184);

struct PartialDeliverEvent {  // payload follows
    ResponseHeader header;
    Name group;
    Slot total_length, fragment_length, node, pid, type;
};
static_assert(sizeof(PartialDeliverEvent) == 200);

// The node list starts in what would be padding, at 44; the size counts that padding nevertheless.
struct TotemConfchgEvent {
    ResponseHeader header;
    Slot ring_node;
    std::uint64_t ring_seq;
    std::uint32_t count;
    std::uint32_t first_node;
};
static_assert(sizeof(TotemConfchgEvent) == 48 && offsetof(TotemConfchgEvent, first_node) == 44);

// --- zero-copy file ---

inline constexpr std::size_t kZcAddressOffset = 8;
inline constexpr std::size_t kZcLengthOffset = 48;
inline constexpr std::size_t kZcPayloadOffset = 56;

}  // namespace engine::ipc::cpg_wire
