#pragma once
// Cluster mode (pmxcfs.md section 10): changes go to all nodes and are made where the group delivers them.
//
// One thread has the groups, quorum and the cluster map; the tree is changed by it alone.

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <future>
#include <map>
#include <thread>

#include "cfs/cluster/group_member.hpp"
#include "cfs/cluster/map_service.hpp"
#include "cfs/cluster/quorum_service.hpp"
#include "cfs/daemon/config_export.hpp"
#include "cfs/daemon/decider.hpp"
#include "cfs/daemon/log.hpp"
#include "cfs/daemon/patience.hpp"
#include "cfs/daemon/shared_status.hpp"
#include "cfs/daemon/shared_tree.hpp"
#include "cfs/replica/data/data.hpp"

namespace cfs::daemon {

class ClusterDecider final : public Decider, private replica::DataObserver {
public:
    // How long a caller waits for the cluster before it is told that there is no answer.
    static constexpr std::chrono::seconds kPatience{60};

    // Rows of the database that changed, for whoever remembers entries. On the cluster's thread.
    using Changed = std::function<void(const Change&)>;

    // All of these outlive this.
    ClusterDecider(SharedTree& tree, SharedStatus& status, ConfigExport& exporter);
    ~ClusterDecider() override { stop(); }  // which has to have succeeded

    // Connects. After the process has become what it is to be: others know it by its id.
    void start(Changed changed);
    // Leaves the groups. Everybody who waits has been answered when it returns true; later submissions are refused.
    // False: the thread hangs in a call to corosync, and goes on whenever that returns, so the process has to end.
    bool stop();

    bool quorate() const override { return quorate_; }
    void submit(Operation operation, Done done) override;

    // What is sent to the status group of all nodes. Thread-safe, as long as this lives.
    replica::Sender& status_sender() { return status_sender_; }

private:
    // What a service or a group has to say, under its name.
    class Reports final : public cluster::ServiceObserver, public replica::EngineObserver {
    public:
        using Completed = std::function<void(std::uint64_t count, bool processed, int result)>;
        explicit Reports(Domain domain, Completed completed = {}) : domain_(domain), completed_(std::move(completed)) {}
        void report(Severity severity, std::string_view text) override { log(severity, domain_, text); }
        void completed(std::uint64_t count, bool processed, int result) override {
            if (completed_) completed_(count, processed, result);
        }

    private:
        const Domain domain_;
        const Completed completed_;
    };
    class Owner final : public replica::TreeOwner {
    public:
        explicit Owner(SharedTree& tree) : tree_(tree) {}
        const Tree& tree() const override { return tree_.unguarded(); }
        void change(const std::function<void(Tree&)>& change) override { tree_.exclusively(change); }

    private:
        SharedTree& tree_;
    };
    class StatusSender final : public replica::Sender {
    public:
        explicit StatusSender(ClusterDecider& cluster) : cluster_(cluster) {}
        void send(replica::Now now, std::uint16_t subtype, Bytes payload) override;

    private:
        // More than this are not kept for a thread that is behind.
        static constexpr std::size_t kMost = 4096;
        ClusterDecider& cluster_;
        std::atomic<std::size_t> under_way_ = 0;
        std::atomic<bool> behind_ = false;
    };
    struct Unstored {
        std::uint64_t change = 0;  // which the database has to have first
        Done done;
        std::int64_t result = 0;
    };

    void changed(const Change& change) override;
    void export_cluster_config(bool allow_reload) override;
    void decide(Operation operation, const Done& done);
    void completed(std::uint64_t count, bool processed, int result);
    void stored(std::uint64_t change, const std::optional<Failure>& failure);
    void set_quorate(bool quorate);
    void look_whether_left();
    void finish();

    SharedTree& tree_;
    SharedStatus& status_;
    ConfigExport& exporter_;
    Changed changed_;
    boost::asio::io_context loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer leaving_clock_;

    Owner owner_;
    replica::Data data_;
    StatusInGroup status_in_group_;
    Reports data_reports_, status_reports_, quorum_reports_, map_reports_;
    cluster::QuorumService quorum_;
    cluster::MapService map_;
    cluster::GroupMember data_member_, status_member_;
    StatusSender status_sender_;

    Patience patience_;
    std::map<std::uint64_t, Done> waiting_;  // for the group, by count
    std::deque<Unstored> unstored_;          // for the disk
    std::uint64_t made_ = 0, stored_ = 0;    // changes of the tree, and those on disk
    bool store_failed_ = false;
    std::optional<totem::Instant> leaving_until_;
    std::atomic<bool> quorate_ = false, stopped_ = false;
    std::promise<void> ended_;
    std::thread thread_;
};

}  // namespace cfs::daemon
