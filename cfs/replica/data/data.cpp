#include "cfs/replica/data/data.hpp"

#include <cerrno>
#include <utility>

#include "cfs/replica/data/operations.hpp"
#include "totem/base/planted.hpp"

#include <fmt/format.h>

namespace cfs::replica {
namespace {

constexpr std::string_view kClusterConfig = "corosync.conf";

// Whose success may change what corosync reads.
bool touches_cluster_config(const Operation& operation) {
    switch (operation.type) {
        case Operation::Type::write:
        case Operation::Type::create:
            return operation.path == kClusterConfig;
        case Operation::Type::rename:
            return operation.to == kClusterConfig;
        default:
            return false;
    }
}

}  // namespace

void Data::fail() {
    owner_.change([](Tree& tree) { tree.fail(); });
}

// --- sending ----------------------------------------------------------------------------------------------------

Data::Submitted Data::submit(Engine& engine, Now now, Operation operation) {
    if (!quorate_ && !totem::planted(totem::Bug::cfs_write_without_quorum)) return {std::nullopt, -EACCES};
    Precheck checked = tree().precheck(std::move(operation));
    if (checked.verdict == Precheck::Verdict::done) return {};
    if (checked.verdict == Precheck::Verdict::refuse) return {std::nullopt, checked.error};
    const Operation& send = checked.operation;
    // Setting a lock's time to 0 asks for its removal; the answer to the caller is that of the time (pmxcfs.md 7).
    if (send.type == Operation::Type::set_mtime && send.mtime == 0) {
        if (const auto checksum = tree().lock_checksum(send.path)) {
            const Buffer request = encode(UnlockMessage{*checksum, without_leading_slashes(send.path)});
            engine.send(now, static_cast<std::uint16_t>(DataSubtype::unlock_request), request);
        }
    }
    const auto count = engine.submit(now, subtype_of(send), encode_operation(send));
    if (!count) return {std::nullopt, -EACCES};
    return {count, 0};
}

// --- delivery, 5.1 ----------------------------------------------------------------------------------------------

// The local caller, if it is our own message, gets EPERM.
Delivered Data::refuse(Group& group, std::string_view text) const {
    group.report(Severity::critical, text);
    return {tree().failed() ? Verdict::broken : Verdict::leave, -EPERM};
}

Delivered Data::finish(int result) const {
    return {tree().failed() ? Verdict::broken : Verdict::fine, result};
}

Delivered Data::deliver(Group& group, Now now, const Delivery& delivery) {
    const auto subtype = static_cast<DataSubtype>(delivery.subtype);
    if (subtype < DataSubtype::write || subtype > DataSubtype::unlock)
        return refuse(group, fmt::format("received unknown message type (msg_type == {})", delivery.subtype));
    if (!quorate_ && !totem::planted(totem::Bug::cfs_write_without_quorum))
        return refuse(group, "received write while not quorate - trigger resync");
    if (subtype == DataSubtype::unlock_request || subtype == DataSubtype::unlock) {
        const auto message = decode_unlock(delivery.payload);
        if (!message) return refuse(group, message.problem());
        if (subtype == DataSubtype::unlock)
            return finish(apply(now, delivery, Operation::unlock(message->path, message->checksum)));
        unlock_requested(group, now, *message);
        return finish(0);
    }
    const auto message = decode_file(delivery.payload);
    if (!message) return refuse(group, message.problem());
    return finish(apply(now, delivery, to_operation(subtype, *message)));
}

int Data::apply(Now now, const Delivery& delivery, const Operation& operation) {
    Outcome outcome;
    owner_.change([&](Tree& tree) {
        outcome = tree.apply(operation, {delivery.sender.nodeid, delivery.time, now.seconds});
    });
    if (!outcome.change.empty()) observer_.changed(outcome.change);
    if (outcome.ok() && touches_cluster_config(operation)) observer_.export_cluster_config(delivery.own);
    return static_cast<int>(outcome.result);
}

// Everybody hears the request; the member with the lowest id knows how old the lock is for it.
void Data::unlock_requested(Group& group, Now now, const UnlockMessage& request) {
    if (group.self().nodeid != group.lowest_node()) return;
    Events events;
    bool expired = false;
    owner_.change(
        [&](Tree& tree) { expired = tree.lock_expired(request.path, request.checksum, now.seconds, events); });
    for (const Event& event : events)
        group.report(event.severity, event.text);
    if (expired || totem::planted(totem::Bug::cfs_unlock_at_once))
        group.send(now, static_cast<std::uint16_t>(DataSubtype::unlock), encode(request));
}

}  // namespace cfs::replica
