#pragma once
// Layouts of CFG's client messages (client-ipc.md section 8.2).

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/ipc/messages.hpp"

namespace engine::ipc::cfg_wire {

enum Request : std::uint32_t {
    kRingStatus = 0,
    kRingReenable = 1,
    kKillNode = 2,
    kTryShutdown = 3,
    kReplyToShutdown = 4,
    kNodeAddresses = 5,
    kLocalGet = 6,
    kReload = 7,
    kReopenLogs = 8,
    kNodeStatus = 9,
    kTrackStart = 10,
    kTrackStop = 11,
    kRequestCount = 12,
};

enum Response : std::int32_t {
    kRingStatusResponse = 0,
    kRingReenableResponse = 1,
    kTrackStartResponse = 2,
    kTrackStopResponse = 3,
    kKillNodeResponse = 8,
    kTryShutdownResponse = 9,
    kTestShutdown = 10,  // event
    kNodeAddressesResponse = 11,
    kLocalGetResponse = 12,
    kReplyToShutdownResponse = 13,
    kReloadResponse = 14,  // 15 in 2.4; no library looks
    kReopenLogsResponse = 15,
    kNodeStatusResponse = 16,
};

inline constexpr std::size_t kMaxInterfaces = 16, kInterfaceName = 128, kInterfaceStatus = 512;
inline constexpr std::size_t kMaxLinks = 8, kHostLength = 256;
inline constexpr std::uint32_t kNodeStatusVersion = 1;

struct RingStatusResponse {
    ResponseHeader header;
    std::uint32_t count = 0;
    std::uint32_t pad = 0;
    std::array<std::array<char, kInterfaceName>, kMaxInterfaces> names{};
    std::array<std::array<char, kInterfaceStatus>, kMaxInterfaces> statuses{};
};
static_assert(sizeof(RingStatusResponse) == 10272 && offsetof(RingStatusResponse, statuses) == 2080);

struct KillNodeRequest {
    RequestHeader header;
    std::uint32_t node;
    std::uint32_t pad0;
    std::uint16_t length;  // counts the NUL
    std::array<char, 256> reason;
    std::array<std::uint8_t, 6> pad1;
};
static_assert(sizeof(KillNodeRequest) == 288 && offsetof(KillNodeRequest, reason) == 26);

struct NumberRequest {  // try and reply to shutdown, node addresses
    RequestHeader header;
    std::uint32_t value;
    std::uint32_t pad;
};
static_assert(sizeof(NumberRequest) == 24);

struct NodeStatusRequest {
    RequestHeader header;
    std::uint32_t node;
    std::uint32_t pad0;
    std::uint32_t version;
    std::uint32_t pad1;
};
static_assert(sizeof(NodeStatusRequest) == 32);

struct NodeAddressesResponse {  // addresses of 16 bytes each follow
    ResponseHeader header;
    std::uint32_t family = 0;
    std::uint32_t count = 0;
};
static_assert(sizeof(NodeAddressesResponse) == 32);

struct LinkStatus {
    std::uint8_t enabled = 0;
    std::uint8_t connected = 0;
    std::uint8_t dynconnected = 0;
    std::uint8_t pad = 0;
    std::uint32_t mtu = 0;
    std::array<char, kHostLength> source{};
    std::array<char, kHostLength> destination{};
};
static_assert(sizeof(LinkStatus) == 520);

struct NodeStatusResponse {
    ResponseHeader header;
    std::uint32_t version = kNodeStatusVersion;
    std::uint32_t node = 0;
    std::uint8_t reachable = 0;
    std::uint8_t remote = 0;
    std::uint8_t external = 0;
    std::uint8_t onwire_min = 0;
    std::uint8_t onwire_max = 0;
    std::uint8_t onwire_version = 0;
    std::array<std::uint8_t, 2> pad{};
    std::array<LinkStatus, kMaxLinks> links{};
};
static_assert(sizeof(NodeStatusResponse) == 4200 && offsetof(NodeStatusResponse, links) == 40);

}  // namespace engine::ipc::cfg_wire
