// pvecm expected. Spec pvecm.md section 9.3.
#include "pvecm/commands/all.hpp"
#include "pvecm/commands/quorum_view.hpp"
#include "pvecm/error.hpp"

namespace pvecm::commands {
namespace {

int run(Context& context, const Arguments& arguments) {
    warn_without_cluster(context);
    tools::quorumtool::Engine engine;
    if (!engine.open()) return kQuorumFailed;
    if (!engine.uses_votequorum())
        throw Error("You cannot change expected votes, corosync is not using votequorum", kQuorumFailed);
    const auto votes = static_cast<std::uint32_t>(arguments.number("expected").value_or(0));
    return engine.set_expected(votes) ? 0 : kQuorumFailed;
}

}  // namespace

Command expected() {
    return {.name = "expected",
            .help = "Tells corosync a new value of expected votes, until a node joins or corosync starts anew.",
            .positionals =
                {{.name = "expected", .type = Type::integer, .least = 1, .most = INT_MAX, .help = "Expected votes"}},
            .run = run};
}

}  // namespace pvecm::commands
