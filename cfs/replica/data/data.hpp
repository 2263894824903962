#pragma once
// The configuration file system as an application of the replication engine: group pve_dcdb_v1 (pmxcfs-wire.md section
// 5, pmxcfs.md sections 7, 10 and 12).
//
// Every change of the tree leaves as a Change, before anybody is told the result of the operation that made
// it; who waits for a result is answered once the store has that Change.
//
// Quorum: its loss counts at once, so tell it before anything else that waits to be dispatched. That it is back may
// only be told when what the group delivered until then has been dispatched.

#include <optional>

#include "cfs/replica/data/tree_owner.hpp"
#include "cfs/replica/engine/application.hpp"
#include "cfs/replica/engine/engine.hpp"
#include "cfs/replica/messages/data.hpp"
#include "cfs/tree/adopt.hpp"

namespace cfs::replica {

class DataObserver {
public:
    virtual ~DataObserver() = default;
    // For the store; the tree has it already.
    virtual void changed(const Change& change) = 0;
    // corosync.conf of the tree may have to be exported; only whose write it was asks corosync to reload.
    virtual void export_cluster_config(bool allow_reload) = 0;
};

class Data final : public Application {
public:
    static EngineSettings settings() { return {.protocol_version = 1, .verifies = true}; }

    Data(TreeOwner& owner, DataObserver& observer) : owner_(owner), observer_(observer) {}

    const Tree& tree() const { return owner_.tree(); }
    bool quorate() const { return quorate_; }
    void set_quorate(bool quorate) { quorate_ = quorate; }
    // The store failed: the next delivered operation takes this node out of the cluster for good.
    void fail();

    // An operation of a local client. Either it is answered at once with a result, or the engine tells the result of
    // `count`.
    struct Submitted {
        std::optional<std::uint64_t> count;
        std::int64_t result = 0;
    };
    Submitted submit(Engine& engine, Now now, Operation operation);

    // Application
    Delivered deliver(Group& group, Now now, const Delivery& delivery) override;
    std::optional<Buffer> state(Group& group, Now now) override;
    bool examine(Group& group, Now now, std::span<MemberState> states) override;
    bool update(Group& group, Now now, Bytes payload) override;
    bool commit(Group& group, Now now) override;
    void forget_sync() override;
    void synced(Group&, Now) override {}
    void members_changed(Group&, Now, std::span<const MemberId>) override {}
    Checksum checksum() const override { return tree().database_checksum(); }

private:
    Delivered refuse(Group& group, std::string_view text) const;
    Delivered finish(int result) const;
    int apply(Now now, const Delivery& delivery, const Operation& operation);
    void unlock_requested(Group& group, Now now, const UnlockMessage& request);
    void send_updates(Group& group, Now now, std::span<const Index> indexes, std::size_t leader);

    TreeOwner& owner_;
    DataObserver& observer_;
    bool quorate_ = false;
    std::optional<Index> leader_index_;  // while we wait for updates
    std::vector<Entry> received_;
};

}  // namespace cfs::replica
