#include "cfs/daemon/local_decider.hpp"

#include "cfs/daemon/log.hpp"

namespace cfs::daemon {
namespace {

Outcome with_result(std::int64_t result) {
    Outcome outcome;
    outcome.result = result;
    return outcome;
}

}  // namespace

void LocalDecider::submit(Operation operation, Done done) {
    Events events;
    tree_.change(
        [&](Tree& tree) {
            const std::uint64_t now = clock_();
            Precheck check = tree.precheck(tree.localized(std::move(operation), now, events));
            if (check.verdict == Precheck::Verdict::done) return with_result(0);
            if (check.verdict == Precheck::Verdict::refuse) return with_result(check.error);
            return tree.apply(check.operation, {0, static_cast<std::uint32_t>(now), now});
        },
        std::move(done));
    log(events, Domain::main);
}

}  // namespace cfs::daemon
