#pragma once
// What the mount shows: the tree, the computed files, and changes as the decider has them.
//
// Thread-safe.

#include "cfs/daemon/decider.hpp"
#include "cfs/daemon/shared_status.hpp"
#include "cfs/daemon/shared_tree.hpp"
#include "cfs/mount/file_system.hpp"

namespace cfs::daemon {

class FilesShown final : public mount::FileSystem {
public:
    struct Node {
        std::string name;
        std::uint64_t start_time = 0;  // of the daemon, seconds since 1970
    };
    // All of these have to outlive this.
    FilesShown(Node node, SharedTree& tree, SharedStatus& status, Decider& decider)
        : node_(std::move(node)), tree_(tree), status_(status), decider_(decider) {}

    void look(const std::function<void(const Tree&)>& visit) const override { tree_.look(visit); }
    bool quorate() const override { return decider_.quorate(); }
    void submit(Operation operation, Done done) override { decider_.submit(std::move(operation), std::move(done)); }
    std::string text(mount::VirtualFile file) const override;
    void set_debug(bool on) override;
    const std::string& node_name() const override { return node_.name; }

private:
    std::string version_text() const;
    std::string guests_text() const;

    const Node node_;
    SharedTree& tree_;
    SharedStatus& status_;
    Decider& decider_;
};

}  // namespace cfs::daemon
