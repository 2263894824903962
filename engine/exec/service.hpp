#pragma once
// A service engine as its peers see it: executive messages in group "a" and a part in the
// synchronisation. Spec totempg-sync-services.md section 7. Services are sans-I/O; the client side
// (IPC) is attached to them elsewhere.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "totem/base/bytes.hpp"
#include "totem/sync/synchronizer.hpp"
#include "totem/wire/types.hpp"

namespace engine {

using totem::ByteOrder;
using totem::Bytes;
using totem::NodeId;

enum ServiceId : std::uint32_t {
    kCmapService = 0,
    kCfgService = 1,
    kCpgService = 2,
    kQuorumService = 3,
    kPloadService = 4,
    kVotequorumService = 5,
};

inline constexpr std::size_t kExecHeaderSize = 16;
inline constexpr std::string_view kExecGroup = "a";

class Service {
public:
    virtual ~Service() = default;
    virtual std::uint32_t id() const = 0;
    virtual std::string_view name() const = 0;      // "corosync configuration map access", ...
    virtual std::string_view ipc_name() const = 0;  // "cmap", ...; "" if none
    virtual std::uint32_t function_count() const = 0;
    // A message of this service from `sender` (ourselves included), in total order. `message` starts
    // with the 16 byte executive header and is in byte order `order`; lengths in it are not yet trusted.
    virtual void on_exec(std::uint32_t function, NodeId sender, ByteOrder order, Bytes message) = 0;
    // The part in the synchronisation; nullptr if none (in this dialect).
    virtual totem::sync::Participant* participant() = 0;
};

// How a service reaches its peers; implemented by Executive.
class ExecSender {
public:
    virtual ~ExecSender() = default;
    // Multicasts header + body as message `function` of `service`. `body` chunks follow the 16 byte
    // header, whose size field is set to the total. False if the ring has no room (nothing was queued).
    virtual bool multicast(std::uint32_t service, std::uint32_t function, std::span<const Bytes> body) = 0;
    virtual NodeId local_node() const = 0;
    virtual ByteOrder order() const = 0;  // byte order we write
    virtual totem::Dialect dialect() const = 0;
};

}  // namespace engine
