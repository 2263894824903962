#pragma once
// PLOAD, the load generator: known so that its messages are not "unknown", never acted on.
// Spec totempg-sync-services.md section 14 (FREEDOM).

#include "engine/exec/service.hpp"

namespace engine::pload {

class PloadService final : public Service {
public:
    std::uint32_t id() const override { return kPloadService; }
    std::string_view name() const override { return "corosync profile loading service"; }
    std::string_view ipc_name() const override { return ""; }
    std::uint32_t function_count() const override { return 2; }  // start, data
    void on_exec(std::uint32_t, NodeId, ByteOrder, Bytes) override { ++ignored_; }
    totem::sync::Participant* participant() override { return nullptr; }

    std::uint64_t ignored() const { return ignored_; }

private:
    std::uint64_t ignored_ = 0;
};

}  // namespace engine::pload
