#pragma once
// The status of the nodes, for the thread of the groups and those who look.

#include <mutex>

#include "cfs/replica/status/status.hpp"

namespace cfs::daemon {

class SharedStatus {
public:
    SharedStatus(const replica::Status::Identity& identity, const Settings& settings)
        : status_(identity, settings, reports_) {}

    // Alone with it, so briefly.
    template <typename Visit>
    auto with(Visit visit) {
        const std::lock_guard lock(mutex_);
        return visit(status_);
    }

private:
    class Reports final : public replica::StatusObserver {
    public:
        void report(Severity severity, std::string_view text) override;
    };

    std::mutex mutex_;
    Reports reports_;
    replica::Status status_;
};

// The same as an application of the group pve_kvstore_v1.
class StatusInGroup final : public replica::Application {
public:
    explicit StatusInGroup(SharedStatus& status) : status_(status) {}

    replica::Delivered deliver(replica::Group& group, replica::Now now, const replica::Delivery& delivery) override;
    std::optional<replica::Buffer> state(replica::Group& group, replica::Now now) override;
    bool examine(replica::Group& group, replica::Now now, std::span<replica::MemberState> states) override;
    // The group has no updates (pmxcfs-wire.md section 6).
    bool update(replica::Group&, replica::Now, Bytes) override { return false; }
    bool commit(replica::Group&, replica::Now) override { return false; }
    void forget_sync() override {}
    void synced(replica::Group& group, replica::Now now) override;
    void members_changed(replica::Group& group, replica::Now now, std::span<const replica::MemberId> members) override;
    replica::Checksum checksum() const override { return {}; }

private:
    SharedStatus& status_;
};

}  // namespace cfs::daemon
