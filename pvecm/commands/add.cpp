// pvecm add. Spec pvecm.md section 6.
#include <fmt/format.h>

#include <filesystem>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/options.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/context.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/locks.hpp"
#include "pvecm/host/node_setup.hpp"
#include "pvecm/join/check.hpp"
#include "pvecm/join/finish.hpp"
#include "pvecm/join/journal.hpp"
#include "pvecm/join/member.hpp"
#include "pvecm/ssh/known_hosts.hpp"

namespace pvecm::commands {
namespace {

constexpr long kOwnVersion = 1;
constexpr std::size_t kLeastKey = 128;

void say(const std::string& text) {
    fmt::print("{}\n", text);
    std::fflush(stdout);
}

void require_place(const Paths& paths) {
    std::error_code none;
    const std::string here = std::filesystem::current_path(none).string() + "/";
    if (here.starts_with(paths.pve() + "/"))
        throw Error("Navigate out of /etc/pve before running 'pvecm add', for example by running 'cd'.");
}

void require_ssh(const Arguments& arguments) {
    if (!arguments.flag("use_ssh", true))
        throw Error(
            "Joining over the HTTPS API is not supported: this program has no client for it yet.\n"
            "Leave out '--use_ssh 0' to join over ssh, which every member takes.");
    if (arguments.has("fingerprint"))
        fmt::print(stderr, "warning: the fingerprint is not used, ssh verifies the host by its own key\n");
}

std::map<std::string, std::string> addresses_to_check(const Context& context, const Arguments& arguments,
                                                      const std::map<unsigned, config::Link>& links) {
    std::map<std::string, std::string> addresses = {{"local node address", context.own_address()}};
    for (const auto& [number, link] : links)
        addresses[link_name(arguments, number)] = link.address;
    return addresses;
}

void check_key(const std::string& key) {
    if (key.size() < kLeastKey)
        throw Error(fmt::format("the cluster's key has {} bytes, at least {} are needed", key.size(), kLeastKey));
}

void check_version(std::optional<long> version) {
    if (!version || *version >= 0) return;
    throw Error(fmt::format(
        "error: incompatible join API version on cluster ({}), local node has {} and supports >= 0. Make sure all "
        "cluster nodes are up-to-date.",
        *version, kOwnVersion));
}

// What was copied has to be whole and about this node, or the engine would not start with it.
void check_files(const Context& context, const join::ClusterFiles& files) {
    check_key(files.authkey);
    const auto conf = config::parse(files.conf, "corosync.conf of the cluster");
    if (!config::version(conf)) throw Error("invalid corosync config: unable to read config version");
    if (!config::find_node(conf, context.node))
        throw Error(fmt::format("the cluster's corosync.conf does not list '{}'", context.node));
}

join::ClusterFiles ask_cluster(const Context& context, const Arguments& arguments,
                               const std::map<unsigned, config::Link>& links) {
    prepare_ssh(context);
    ssh::unmerge_known_hosts(context.paths);
    const join::Member member(context.paths, arguments.at("hostname"));
    member.copy_key();
    const auto version = member.api_version();
    check_version(version);
    const std::string own = context.own_address();
    if (links.empty())
        say(fmt::format("No cluster network links passed explicitly, fallback to local node IP '{}'", own));
    say("Request addition of this node");
    member.add_node({.node = context.node,
                     .nodeid = arguments.number("nodeid"),
                     .votes = arguments.number("votes"),
                     .links = links,
                     .fallback = own},
                    version);
    say("copy corosync auth key");
    const Paths there;  // whatever our root is
    join::ClusterFiles files{.authkey = member.read_file(there.authkey()),
                             .conf = member.read_file(there.cluster_conf())};
    check_files(context, files);
    say("Join request OK, finishing setup locally");
    return files;
}

std::optional<std::chrono::seconds> quorum_limit(const Arguments& arguments) {
    const auto seconds = arguments.number("quorum-timeout");
    return seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt;
}

int undo(const Context& context, const Journal& journal) {
    if (!resumes(context.paths, journal))
        throw Error(fmt::format("there is no unfinished 'pvecm add {}' on this node", journal.target));
    join::undo(context);
    Journal::clear(context.paths);
    say(fmt::format("This node is as it was. Remove it from the cluster on a member: 'pvecm delnode {}'",
                    context.node));
    return 0;
}

// As it was, if the old database is still there; else it can be finished later.
[[noreturn]] void fail(const Context& context, const Journal& journal, const Error& error) {
    if (!join::database_replaced(context.paths)) {
        join::undo(context);
        Journal::clear(context.paths);
        throw Error(fmt::format("{}\nThis node is as it was; it may be listed in the cluster already.", error.what()));
    }
    throw Error(
        fmt::format("{0}\nThe join is not finished: 'pvecm add {1}' goes on with it, 'pvecm add {1} --undo' "
                    "takes it back.",
                    error.what(), journal.target));
}

void finish(Context& context, const Arguments& arguments, const Journal& journal,
            const std::optional<join::ClusterFiles>& files) {
    try {
        if (files) join::replace_store(context, *files);
        join::enter_cluster(context, quorum_limit(arguments));
    } catch (const Error& error) {
        fail(context, journal, error);
    }
    // In this order: an open join without its old database is one that has not begun to change the node.
    Journal::clear(context.paths);
    join::settle(context);
    say(fmt::format("successfully added node '{}' to cluster.", context.node));
}

// The node may be unable to meet the others because of the key that it got. Whom it got it from may be down by now,
// and it is not needed for the rest.
void look_at_key_again(const Context& context, const Journal& journal) {
    std::string key;
    try {
        key = join::Member(context.paths, journal.target).read_file(Paths().authkey());
    } catch (const Error& error) {
        fmt::print(stderr, "warning: can't see whether the cluster's key is still the same: {}\n", error.what());
        return;
    }
    check_key(key);
    join::renew_key(context, key);
}

int run(Context& context, const Arguments& arguments) {
    const Paths& paths = context.paths;
    const Journal journal{.command = "add", .target = arguments.at("hostname")};
    require_place(paths);
    require_ssh(arguments);
    const LocalLock lock(paths);
    if (arguments.flag("undo")) return undo(context, journal);
    const bool resumed = resumes(paths, journal);
    if (resumed) say(fmt::format("going on with the unfinished 'pvecm add {}'", journal.target));
    if (resumed && join::database_replaced(paths)) {
        look_at_key_again(context, journal);
        finish(context, arguments, journal, std::nullopt);
        return 0;
    }
    if (resumed) join::undo(context);  // nothing but copies of the cluster's files, and a service that may be down
    Journal::clear(paths);
    join::settle(context);  // of one that was ended right after it was over
    context.check_store();
    const auto links = links_of(arguments);
    join::require_joinable(context, addresses_to_check(context, arguments, links), arguments.flag("force"));
    require_setup(context);
    warn_about_priorities(links);
    const auto files = ask_cluster(context, arguments, links);
    journal.write(paths);
    finish(context, arguments, journal, files);
    return 0;
}

std::vector<Option> options() {
    std::vector<Option> result = joining_options();
    result.push_back({.name = "fingerprint",
                      .format = Format::fingerprint,
                      .help = "Certificate SHA 256 fingerprint of the member. Of no use over ssh."});
    result.push_back(
        {.name = "use_ssh", .type = Type::boolean, .help = "Join over ssh, the only way there is.", .fallback = "1"});
    result.push_back({.name = "quorum-timeout",
                      .type = Type::integer,
                      .least = 1,
                      .help = "Seconds to wait for quorum at most. Without it there is no limit.",
                      .addition = true});
    result.push_back({.name = "undo",
                      .type = Type::boolean,
                      .help = "Take back a join that was not finished: the node gets its own store back.",
                      .addition = true});
    return result;
}

}  // namespace

Command add() {
    return {.name = "add",
            .group = Group::local,
            .help =
                "Adds the current node to an existing cluster. Everything in /etc/pve is replaced by what the "
                "cluster has. A join that was interrupted is finished by the same command.",
            .positionals = {{.name = "hostname", .format = Format::address, .help = "Hostname (or IP) of a member."}},
            .options = options(),
            .needs = Needs::nothing,  // an interrupted join has no store
            .run = run};
}

}  // namespace pvecm::commands
