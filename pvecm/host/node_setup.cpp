#include "pvecm/host/node_setup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <thread>

#include "pvecm/certificates/node_files.hpp"
#include "pvecm/ssh/keys.hpp"
#include "pvecm/ssh/known_hosts.hpp"

namespace pvecm {
namespace {

// Nothing tells when the store becomes writable.
constexpr std::chrono::milliseconds kPollInterval{100};

// Quorum alone is too early for a store that has not got the others' state yet. A change that is answered was ordered
// behind that state.
bool takes_changes(const Paths& paths) {
    return quorate(paths) && ::utimensat(AT_FDCWD, paths.cluster_conf().c_str(), nullptr, 0) == 0;
}

}  // namespace

void prepare_ssh(const Context& context) {
    ssh::permit_root_login(context);
    ssh::make_root_key(context.paths);
    ssh::share_authorized_keys(context.paths);
}

void update_node_files(const Context& context, bool force, bool silent) {
    const auto say = [silent](const char* text) {
        if (silent) return;
        fmt::print("{}\n", text);
        std::fflush(stdout);
    };
    const std::string address = context.own_address();
    say("(re)generate node files");
    if (force) say("generate new node certificate");
    certificates::make_node_files(context.paths, context.node, address, force);
    say("merge authorized SSH keys and known hosts");
    ssh::merge_authorized_keys(context.paths);
    ssh::merge_known_hosts(context.paths, context.node, address);
}

bool wait_for_quorum(const Paths& paths, std::optional<std::chrono::seconds> limit) {
    const auto begin = std::chrono::steady_clock::now();
    while (!takes_changes(paths)) {
        if (limit && std::chrono::steady_clock::now() - begin > *limit) return false;
        std::this_thread::sleep_for(kPollInterval);
    }
    return true;
}

}  // namespace pvecm
