#pragma once
// What the mount shows: the tree, the computed files, and changes as the decider has them.
//
// Thread-safe.

#include <mutex>

#include "cfs/daemon/decider.hpp"
#include "cfs/daemon/shared_tree.hpp"
#include "cfs/mount/file_system.hpp"
#include "cfs/replica/status/status.hpp"

namespace cfs::daemon {

class FilesShown final : public mount::FileSystem {
public:
    struct Node {
        std::string name;
        std::string address;
        std::uint64_t start_time = 0;  // of the daemon, seconds since 1970
    };
    // Both have to outlive this.
    FilesShown(Node node, SharedTree& tree, Decider& decider);

    void look(const std::function<void(const Tree&)>& visit) const override { tree_.look(visit); }
    bool quorate() const override { return decider_.quorate(); }
    void submit(Operation operation, Done done) override { decider_.submit(std::move(operation), std::move(done)); }
    std::string text(mount::VirtualFile file) const override;
    void set_debug(bool on) override;
    const std::string& node_name() const override { return node_.name; }

private:
    class Reports final : public replica::StatusObserver {
    public:
        void report(Severity severity, std::string_view text) override;
    };

    std::string version_text() const;
    std::string guests_text() const;

    const Node node_;
    SharedTree& tree_;
    Decider& decider_;
    Reports reports_;
    mutable std::mutex status_mutex_;
    mutable replica::Status status_;  // asking for measurements drops the old ones
};

}  // namespace cfs::daemon
