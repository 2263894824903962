#include "engine/exec/executive.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace engine {

struct Executive::Impl {
    struct Slot {
        Service* service = nullptr;
        std::vector<ExecCounters> counters;  // one per function
    };

    totem::Stack& stack;
    const totem::Dialect dialect;
    const ByteOrder order;
    const NodeId local;
    std::array<Slot, totem::sync::kMaxServices> slots;
    std::function<void(std::uint32_t, std::uint32_t, std::uint32_t)> unknown_function;
    std::function<void(std::uint32_t, std::uint32_t, bool)> count;
    std::uint64_t dropped_unknown = 0;
};

Executive::Executive(totem::Stack& stack, totem::Dialect dialect, ByteOrder order, NodeId local)
    : impl_(new Impl{stack, dialect, order, local, {}, {}, {}, 0}) {
    stack.join(kExecGroup, *this);
}

Executive::~Executive() = default;

bool Executive::add(Service& service) {
    const std::uint32_t id = service.id();
    if (id >= impl_->slots.size() || impl_->slots[id].service) return false;
    impl_->slots[id] = {&service, std::vector<ExecCounters>(service.function_count())};
    if (auto* participant = service.participant()) impl_->stack.add_participant(*participant);
    return true;
}

Service* Executive::service(std::uint32_t id) const {
    return id < impl_->slots.size() ? impl_->slots[id].service : nullptr;
}

ExecCounters Executive::counters(std::uint32_t service, std::uint32_t function) const {
    if (service >= impl_->slots.size() || function >= impl_->slots[service].counters.size()) return {};
    return impl_->slots[service].counters[function];
}

std::uint64_t Executive::dropped_unknown() const {
    return impl_->dropped_unknown;
}

void Executive::on_unknown_function(std::function<void(std::uint32_t, std::uint32_t, std::uint32_t)> callback) {
    impl_->unknown_function = std::move(callback);
}

void Executive::on_count(std::function<void(std::uint32_t, std::uint32_t, bool)> callback) {
    impl_->count = std::move(callback);
}

bool Executive::multicast(std::uint32_t service, std::uint32_t function, std::span<const Bytes> body) {
    std::array<Bytes, totem::pg::kMaxChunks> chunks;
    if (body.size() >= chunks.size()) return false;
    std::size_t total = kExecHeaderSize;
    for (Bytes chunk : body)
        total += chunk.size();
    if (total > totem::kMaxMessage) return false;

    std::array<std::uint8_t, kExecHeaderSize> header;
    totem::Writer out(header, impl_->order);
    out.u32(service << 16 | function);
    out.align(8);
    out.u32(static_cast<std::uint32_t>(total));
    out.align(8);
    chunks[0] = header;
    std::copy(body.begin(), body.end(), chunks.begin() + 1);
    if (!impl_->stack.send(kExecGroup, std::span<const Bytes>(chunks.data(), body.size() + 1))) return false;
    if (service < impl_->slots.size() && function < impl_->slots[service].counters.size()) {
        ++impl_->slots[service].counters[function].tx;
        if (impl_->count) impl_->count(service, function, true);
    }
    return true;
}

NodeId Executive::local_node() const {
    return impl_->local;
}

ByteOrder Executive::order() const {
    return impl_->order;
}

totem::Dialect Executive::dialect() const {
    return impl_->dialect;
}

void Executive::on_message(NodeId sender, ByteOrder order, Bytes payload) {
    const std::uint32_t word = totem::Reader(payload, order).u32();
    const std::uint32_t id = word >> 16, function = word & 0xffff;
    if (payload.size() < kExecHeaderSize || id >= impl_->slots.size() || !impl_->slots[id].service) {
        ++impl_->dropped_unknown;
        return;
    }
    Impl::Slot& slot = impl_->slots[id];
    if (function >= slot.counters.size()) {
        ++impl_->dropped_unknown;
        if (impl_->unknown_function) {
            impl_->unknown_function(function, id, static_cast<std::uint32_t>(slot.counters.size()));
        }
        return;
    }
    ++slot.counters[function].rx;
    if (impl_->count) impl_->count(id, function, false);
    slot.service->on_exec(function, sender, order, payload);
}

}  // namespace engine
