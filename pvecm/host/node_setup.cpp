#include "pvecm/host/node_setup.hpp"

#include <fmt/format.h>

#include "pvecm/certificates/node_files.hpp"
#include "pvecm/ssh/keys.hpp"
#include "pvecm/ssh/known_hosts.hpp"

namespace pvecm {

void require_setup(const Context& context) {
    ssh::require_host_key(context.paths);
    context.services().require({kStore, kCorosync});
}

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

}  // namespace pvecm
