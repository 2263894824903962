#pragma once
// Local mode (pmxcfs.md section 10): changes are applied at once, with writer 0, and there is always quorum.

#include "cfs/daemon/decider.hpp"
#include "cfs/daemon/shared_tree.hpp"

namespace cfs::daemon {

using Clock = std::function<std::uint64_t()>;  // seconds since 1970; from any thread

class LocalDecider final : public Decider {
public:
    LocalDecider(SharedTree& tree, Clock clock) : tree_(tree), clock_(std::move(clock)) {}

    bool quorate() const override { return true; }
    void submit(Operation operation, Done done) override;

private:
    SharedTree& tree_;
    const Clock clock_;
};

}  // namespace cfs::daemon
