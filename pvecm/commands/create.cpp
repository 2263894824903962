// pvecm create. Spec pvecm.md section 4.
#include <fmt/format.h>

#include <chrono>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/options.hpp"
#include "pvecm/config/cluster.hpp"
#include "pvecm/config/judge.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/context.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/locks.hpp"
#include "pvecm/host/node_setup.hpp"
#include "pvecm/host/quorum_wait.hpp"
#include "pvecm/join/check.hpp"
#include "pvecm/join/journal.hpp"
#include "tools/keygen/keygen.hpp"

namespace pvecm::commands {
namespace {

// 2.x takes no other size, 3.x takes it too.
constexpr std::size_t kKeySize = 128;
constexpr std::chrono::seconds kQuorumLimit{60};

void say(const std::string& text) {
    fmt::print("{}\n", text);
    std::fflush(stdout);
}

// Which engine the file is for. An option that only one of the dialects knows decides.
void choose_form(const Arguments& arguments, config::NewCluster& cluster) {
    const std::string dialect = arguments.at("dialect");
    cluster.transport = arguments.at("transport");
    const bool knet = cluster.transport == "knet";
    if (knet && dialect == "2.x") throw Error("transport knet needs dialect 3.x");
    cluster.form = knet || dialect == "3.x" ? config::Form::p9 : config::Form::p5;
    const bool can_protect = cluster.form == config::Form::p5 || knet || cluster.transport.empty();
    cluster.secauth = arguments.flag("secauth", can_protect);
    if (cluster.secauth && !can_protect)
        throw Error(fmt::format("dialect 3.x protects packets over knet only, not over {}", cluster.transport));
}

config::NewCluster cluster_of(const Context& context, const Arguments& arguments) {
    config::NewCluster cluster;
    cluster.name = arguments.at("clustername");
    cluster.node = context.node;
    cluster.nodeid = arguments.number("nodeid").value_or(1);
    cluster.votes = arguments.number("votes").value_or(1);
    cluster.links = links_of(arguments);
    for (const unsigned ring : {0U, 1U}) {
        const auto bind = arguments.get(fmt::format("bindnet{}_addr", ring));
        if (bind) cluster.bind_addresses[ring] = *bind;
    }
    choose_form(arguments, cluster);
    if (cluster.links.empty() || (cluster.form == config::Form::p5 && cluster.links.count(0) == 0))
        cluster.links[0] = {.address = context.own_address()};
    cluster.rrp_mode = arguments.at("rrp_mode");
    cluster.token_coefficient = arguments.number("token-coefficient");
    return cluster;
}

// One that is there is kept, unless whoever made it was ended before it was written.
void make_key(const Paths& paths) {
    if (read_file(paths.authkey()).value_or("").size() >= kKeySize) return;
    make_folder(paths.corosync_folder());
    tools::keygen::Request request;
    request.file = paths.authkey();
    request.size = kKeySize;
    if (tools::keygen::generate("pvecm", request) != 0) throw Error("no authentication key available");
}

void write_conf(const Paths& paths, const std::string& text) {
    say(fmt::format("Writing corosync config to {}", paths.cluster_conf()));
    const std::string staged = paths.cluster_conf() + ".new";
    write_file(staged, text);
    rename_file(staged, paths.cluster_conf());
    // The store exports it only when it starts anew, which may be too late for an engine that starts beside it.
    write_file(paths.local_conf(), text);
}

// Nothing is lost by writing it anew: the store is still one node's own.
bool may_write(const Context& context) {
    return quorate(context.paths) && (!in_cluster(context) || config::version(read_cluster_conf(context.paths)) == 1U);
}

// What would be found out by an engine that does not start, with the files written already.
void require_startable(const Context& context, const config::NewCluster& cluster, const Arguments& arguments,
                       const std::string& conf) {
    require_setup(context);
    std::string wrong;
    for (const auto& [number, link] : cluster.links)
        wrong += join::address_finding(link_name(arguments, number), link.address);
    for (const std::string& error : config::judge(conf, "the new corosync.conf").errors)
        wrong += error + "\n";
    if (!wrong.empty()) throw Error(wrong + "Nothing is changed.");
}

// The store runs as part of a cluster only after its restart; until then it takes every change.
void start_cluster(const Context& context) {
    say("Restart corosync and cluster filesystem");
    context.services().restart({kCorosync, kStore});
    if (!await_quorum(context.paths, kQuorumLimit))
        throw Error(fmt::format("the node is not quorate after {} seconds - does the log of corosync say why?",
                                kQuorumLimit.count()));
}

int run(Context& context, const Arguments& arguments) {
    const Paths& paths = context.paths;
    const Journal journal{.command = "create", .target = arguments.at("clustername")};
    const LocalLock lock(paths);
    const bool resumed = resumes(paths, journal);
    if (resumed && !store_mounted(paths)) context.services().start({kStore});  // it was interrupted in the restart
    context.check_store();
    if (!resumed && in_cluster(context))
        throw Error(fmt::format("cluster config '{}' already exists", paths.cluster_conf()));
    std::vector<std::string> warnings;
    const config::NewCluster cluster = cluster_of(context, arguments);
    const std::string conf = config::write(config::make_cluster(cluster, warnings));
    for (const std::string& warning : warnings)
        fmt::print(stderr, "warning: {}\n", warning);
    const bool runs = quorate(paths) && context.cluster() && context.cluster()->in_cluster;
    if (!runs && may_write(context)) {
        require_startable(context, cluster, arguments, conf);
        prepare_ssh(context);
        make_key(paths);
        journal.write(paths);
        write_conf(paths, conf);
        update_node_files(context, false, true);
    }
    if (!runs) start_cluster(context);
    Journal::clear(paths);
    return 0;
}

std::vector<Option> options() {
    std::vector<Option> result = identity_options(1);
    for (const unsigned ring : {0U, 1U}) {
        result.push_back({.name = fmt::format("bindnet{}_addr", ring),
                          .format = Format::ip,
                          .help = fmt::format("Network the engine binds to on ring {}: its address, or one of it. "
                                              "(dialect 2.x)",
                                              ring),
                          .fallback = fmt::format("ring{}_addr", ring)});
    }
    for (Option& option : link_options())
        result.push_back(std::move(option));
    result.push_back({.name = "rrp_mode",
                      .choices = {"none", "active", "passive"},
                      .help = "How two rings are used. (dialect 2.x)",
                      .fallback = "passive"});
    result.push_back({.name = "token-coefficient",
                      .type = Type::integer,
                      .least = 0,
                      .help = "Milliseconds added to the token timeout per node. Without it 125 in dialect 3.x, and "
                              "in 2.x what the engine has, 650."});
    result.push_back({.name = "transport",
                      .choices = {"udp", "udpu", "knet"},
                      .help = "Multicast, unicast, or the transport of corosync 3, which totemd does not have. The "
                              "engine's own default if it is not given: multicast in dialect 2.x, knet in 3.x.",
                      .addition = true});
    result.push_back({.name = "dialect",
                      .choices = {"2.x", "3.x"},
                      .help = "Which corosync the file is for. knet is of 3.x.",
                      .fallback = "2.x",
                      .addition = true});
    result.push_back({.name = "secauth",
                      .type = Type::boolean,
                      .help = "Encrypt and authenticate packets. Not over udp and udpu in dialect 3.x.",
                      .fallback = "1",
                      .addition = true});
    return result;
}

}  // namespace

Command create() {
    return {.name = "create",
            .group = Group::members,
            .help = "Generate new cluster configuration. The node is the first member of the cluster.",
            .positionals = {{.name = "clustername",
                             .format = Format::node,
                             .longest = 15,
                             .help = "The name of the cluster, different from that of others in the same network."}},
            .options = options(),
            .needs = Needs::nothing,  // it sees to the store itself
            .run = run};
}

}  // namespace pvecm::commands
