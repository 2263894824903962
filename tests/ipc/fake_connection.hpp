#pragma once
// A client without a process: keeps what a frontend sends to it.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/ipc/frontend.hpp"
#include "engine/ipc/raw.hpp"

namespace engine::ipc {

struct FakeConnection final : Connection {
    explicit FakeConnection(ConnectionId given = 1) : number(given) {}

    ConnectionId id() const override { return number; }
    pid_t pid() const override { return 1; }
    uid_t uid() const override { return 0; }
    gid_t gid() const override { return 0; }
    const std::string& process_name() const override { return name; }
    void respond(Bytes response) override { responses.emplace_back(response.begin(), response.end()); }
    void event(std::span<const Bytes> chunks) override {
        auto& whole = events.emplace_back();
        for (const Bytes chunk : chunks)
            whole.insert(whole.end(), chunk.begin(), chunk.end());
    }

    std::int32_t error() const { return load<ResponseHeader>(responses.back()).error; }
    // The ids of the events since the last call.
    std::vector<std::int32_t> told() {
        std::vector<std::int32_t> ids;
        for (const auto& event : events)
            ids.push_back(load<ResponseHeader>(event).id);
        events.clear();
        return ids;
    }

    ConnectionId number;
    std::string name = "test";
    std::vector<std::vector<std::uint8_t>> responses, events;
};

}  // namespace engine::ipc
