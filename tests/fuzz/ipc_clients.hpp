#pragma once
// Clients of one frontend, for a fuzz target: their requests have the sizes that the server lets through, and any
// content; what comes back must be as a library expects it.

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/ipc/frontend.hpp"
#include "tests/fuzz/exec_sender.hpp"
#include "tests/fuzz/input.hpp"

namespace totem::fuzz {

class FuzzConnection final : public engine::ipc::Connection {
public:
    explicit FuzzConnection(engine::ipc::ConnectionId id) : id_(id) {}

    engine::ipc::ConnectionId id() const override { return id_; }
    pid_t pid() const override { return static_cast<pid_t>(id_); }
    uid_t uid() const override { return 0; }
    gid_t gid() const override { return 0; }
    const std::string& process_name() const override { return name_; }
    void respond(Bytes response) override {
        FUZZ_CHECK(may_respond > 0);
        --may_respond;
        check_header(response.size(), response);
        touch(response);
    }
    void event(std::span<const Bytes> chunks) override {
        std::size_t size = 0;
        for (const Bytes chunk : chunks) {
            size += chunk.size();
            touch(chunk);
        }
        FUZZ_CHECK(!chunks.empty());
        check_header(size, chunks.front());
    }

    unsigned may_respond = 0;  // requests that were not answered yet

private:
    static void check_header(std::size_t size, Bytes head) {
        FUZZ_CHECK(size <= engine::ipc::kMaxMessage);
        FUZZ_CHECK(head.size() >= sizeof(engine::ipc::ResponseHeader));
        FUZZ_CHECK(engine::ipc::load<engine::ipc::ResponseHeader>(head).size == static_cast<std::int32_t>(size));
    }

    const engine::ipc::ConnectionId id_;
    const std::string name_ = "fuzz";
};

class Clients {
public:
    explicit Clients(engine::ipc::ServiceFrontend& frontend) : frontend_(frontend) {}
    ~Clients() {
        for (auto& [slot, client] : clients_)
            frontend_.disconnected(*client);
    }
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;

    void connect_or_leave(Input& in) {
        const std::uint32_t slot = in.below(4);
        if (const auto found = clients_.find(slot); found != clients_.end()) {
            frontend_.disconnected(*found->second);
            clients_.erase(found);
            return;
        }
        const auto& client = clients_.emplace(slot, std::make_unique<FuzzConnection>(++last_id_)).first->second;
        frontend_.connected(*client);
    }
    // `fill` completes the request with this number, which has the least size the frontend accepts and begins with
    // zeros; it may lengthen it.
    template <typename Fill>
    void request(Input& in, Fill fill) {
        const auto found = clients_.find(in.below(4));
        if (found == clients_.end()) return;
        const auto rules = frontend_.rules();
        const std::uint32_t id = in.below(static_cast<std::uint32_t>(rules.size()));
        Buffer message(rules[id].min_size);
        fill(id, message);
        const engine::ipc::RequestHeader header{.id = static_cast<std::int32_t>(id),
                                                .size = static_cast<std::int32_t>(message.size())};
        std::memcpy(message.data(), &header, sizeof header);
        FuzzConnection& client = *found->second;
        if (rules[id].answered) ++client.may_respond;
        const auto before = client.may_respond;
        const auto handled = frontend_.request(client, id, message);
        if (handled == engine::ipc::Handled::done || !rules[id].answered) return;
        FUZZ_CHECK(client.may_respond == before);  // the server answers these
        --client.may_respond;
    }
    // Anything behind the header.
    void request(Input& in) {
        request(in, [&in](std::uint32_t, Buffer& message) {
            const Bytes body = in.bytes();
            message.resize(std::max(message.size(), sizeof(engine::ipc::RequestHeader) + body.size()));
            std::copy(body.begin(), body.end(), message.begin() + sizeof(engine::ipc::RequestHeader));
        });
    }

private:
    engine::ipc::ServiceFrontend& frontend_;
    std::map<std::uint32_t, std::unique_ptr<FuzzConnection>> clients_;
    engine::ipc::ConnectionId last_id_ = 0;
};

}  // namespace totem::fuzz
