#include "cfs/daemon/shared_status.hpp"

#include "cfs/daemon/log.hpp"

namespace cfs::daemon {

using namespace replica;

void SharedStatus::Reports::report(Severity severity, std::string_view text) {
    log(severity, Domain::status, text);
}

Delivered StatusInGroup::deliver(Group& group, Now now, const Delivery& delivery) {
    return status_.with([&](Status& status) { return status.deliver(group, now, delivery); });
}

std::optional<Buffer> StatusInGroup::state(Group& group, Now now) {
    return status_.with([&](Status& status) { return status.state(group, now); });
}

bool StatusInGroup::examine(Group& group, Now now, std::span<MemberState> states) {
    return status_.with([&](Status& status) { return status.examine(group, now, states); });
}

void StatusInGroup::synced(Group& group, Now now) {
    status_.with([&](Status& status) { status.synced(group, now); });
}

void StatusInGroup::members_changed(Group& group, Now now, std::span<const MemberId> members) {
    status_.with([&](Status& status) { status.members_changed(group, now, members); });
}

}  // namespace cfs::daemon
