// pvecm qdevice setup, remove. Spec pvecm.md section 11.
#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "pvecm/commands/all.hpp"
#include "pvecm/config/cluster.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/context.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/locks.hpp"
#include "pvecm/host/process.hpp"
#include "pvecm/host/remote.hpp"
#include "tools/cfgtool/actions.hpp"

namespace pvecm::commands {
namespace {

constexpr const char* kFolder = "/etc/corosync/qdevice";
constexpr const char* kDatabase = "/etc/corosync/qdevice/net/nssdb";
constexpr const char* kServerDatabase = "/etc/corosync/qnetd/nssdb";
constexpr const char* kTool = "corosync-qdevice-net-certutil";

void info(const std::string& text) {
    fmt::print("\nINFO: {}\n", text);
    std::fflush(stdout);
}

// The members of the cluster, this one too.
class Members {
public:
    // Throws Error unless all are online and can be reached.
    explicit Members(const Context& context) : context_(context), members_(StoreClient::cluster_info().members) {
        for (const auto& [name, member] : members_) {
            if (!member.online)
                throw Error(fmt::format("All nodes must be online! Node {} is offline, aborting.", name));
            // After a start its store hears it from the others.
            if (member.address.empty() && name != context.node)
                throw Error(fmt::format("The address of node {} is not known yet, try again in a moment.", name));
        }
    }
    std::size_t count() const { return members_.size(); }

    // On each, with what it prints under its name.
    void run(const Words& command, bool here_too = true) const {
        for (const auto& [name, member] : members_) {
            if (name == context_.node && !here_too) continue;
            std::istringstream lines(on(name, member, command));
            for (std::string line; std::getline(lines, line);)
                fmt::print("node '{}': {}\n", name, line);
            std::fflush(stdout);
        }
    }
    // After a failure: nothing is left that the next attempt would have to be forced over.
    void forget_certificates() const {
        for (const auto& [name, member] : members_) {
            try {
                on(name, member, {"rm", "-rf", kDatabase});
            } catch (const Error& error) {
                fmt::print(stderr, "{}\n", error.what());
            }
        }
    }
    // Through systemd, or as a node without one starts it.
    void service(const std::string& verb, const std::string& systemd_also) const {
        const std::string script = fmt::format(
            "if [ -d /run/systemd/system ]; then systemctl {0} {2} && systemctl {1} {2}; else pvecm service {0} {2}; "
            "fi",
            verb, systemd_also, kQdevice);
        for (const auto& [name, member] : members_) {
            if (verb == "start") info(fmt::format("start and enable corosync qdevice daemon on node '{}'...", name));
            if (name == context_.node) {
                here(verb);
            } else {
                Remote(member.address).run({"sh", "-c", script});
            }
        }
    }

private:
    std::string on(const std::string& name, const ClusterInfo::Member& member, const Words& command) const {
        if (name == context_.node) return must_run(command, fmt::format("'{}' failed", joined(command)));
        return Remote(member.address).run(command);
    }
    void here(const std::string& verb) const {
        if (verb == "start") {
            context_.services().start({kQdevice});
            context_.services().enable(kQdevice);
        } else {
            context_.services().stop({kQdevice});
            context_.services().disable(kQdevice);
        }
    }

    const Context& context_;
    const std::map<std::string, ClusterInfo::Member> members_;
};

void require_cluster(const Context& context) {
    if (!in_cluster(context)) throw Error("Node not in a cluster. Aborting.");
    require_quorum(context.paths);
}

bool has_device(const config::Section& conf) {
    const config::Section* const quorum = conf.find("quorum");
    return quorum != nullptr && quorum->find("device") != nullptr;
}

std::string cluster_name(const config::Section& conf) {
    const config::Section* const totem = conf.find("totem");
    std::string name = totem != nullptr ? totem->text("cluster_name") : "";
    if (name.empty()) throw Error("corosync.conf has no cluster_name");
    return name;
}

// A file of the store for as long as the members read it; secrets where only root does.
class Shared {
public:
    Shared(const Paths& paths, const std::string& name, const std::string& content) : file_(paths.pve("priv/" + name)) {
        write_file(file_, content, 0600);
    }
    ~Shared() {
        try {
            remove_file(file_);
        } catch (const Error& error) {
            fmt::print(stderr, "{}\n", error.what());
        }
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    const std::string& file() const { return file_; }

private:
    const std::string file_;
};

std::string whole(const std::string& file) {
    const auto content = read_file(file);
    if (!content) throw Error(fmt::format("'{}' was not made", file));
    return *content;
}

// Every member gets a certificate that the arbiter has signed.
void exchange_certificates(const Context& context, const Members& members, const Remote& arbiter,
                           const std::string& cluster) {
    info("initializing qnetd server");
    try {
        fmt::print("{}", arbiter.run({"corosync-qnetd-certutil", "-i"}));
    } catch (const Error&) {
        // It is initialized; if it is not, the next step says so.
    }
    info("copying CA cert and initializing on all nodes");
    {
        const Shared authority(context.paths, "qnetd-cacert.crt",
                               arbiter.read(fmt::format("{}/qnetd-cacert.crt", kServerDatabase)));
        members.run({kTool, "-i", "-c", authority.file()});
    }
    info("generating cert request");
    fmt::print("{}", must_run({kTool, "-r", "-n", cluster}, "unable to make a certificate request"));
    info("copying exported cert request to qnetd server");
    const std::string request = "/tmp/qdevice-net-node.crq";
    arbiter.copy_to(fmt::format("{}/qdevice-net-node.crq", kDatabase), request);
    info("sign and export cluster cert");
    fmt::print("{}", arbiter.run({"corosync-qnetd-certutil", "-s", "-c", request, "-n", cluster}));
    info("copy exported CRT");
    const std::string certificate = fmt::format("cluster-{}.crt", cluster);
    const std::string own = fmt::format("{}/{}", kDatabase, certificate);
    write_file(own, arbiter.read(fmt::format("{}/{}", kServerDatabase, certificate)));
    info("import certificate");
    fmt::print("{}", must_run({kTool, "-M", "-c", own}, "unable to import the certificate"));
    info("copy and import pk12 cert to all nodes");
    const Shared bundle(context.paths, "qdevice-net-node.p12",
                        whole(fmt::format("{}/qdevice-net-node.p12", kDatabase)));
    members.run({kTool, "-m", "-c", bundle.file()}, false);
}

void configure(const Context& context, const std::string& host, bool even) {
    with_config_lock(context.paths, [&] {
        config::Section conf = read_cluster_conf(context.paths);
        if (has_device(conf)) throw Error("Qdevice already configured, must be removed before setting up new one!");
        config::Section& device = conf.child("quorum").child("device");
        device.items["model"] = "net";
        if (even) device.items["votes"] = "1";  // the other algorithm has votes of its own
        device.child("net").items = {{"algorithm", even ? "ffsplit" : "lms"}, {"host", host}, {"tls", "on"}};
        write_cluster_conf(context.paths, conf);
    });
}

void unconfigure(const Context& context) {
    with_config_lock(context.paths, [&] {
        config::Section conf = read_cluster_conf(context.paths);
        conf.child("quorum").sections.erase("device");
        write_cluster_conf(context.paths, conf);
    });
}

int run_setup(Context& context, const Arguments& arguments) {
    require_cluster(context);
    const std::string host = arguments.at("address");
    const bool force = arguments.flag("force");
    if (arguments.has("network")) fmt::print(stderr, "warning: 'network' has no effect, the address decides\n");
    const Members members(context);
    const bool even = members.count() % 2 == 0;
    const auto conf = read_cluster_conf(context.paths);
    if (has_device(conf)) {
        if (!force) throw Error("QDevice already configured!");
        unconfigure(context);
    }
    if (!even && !force) throw Error("Clusters with an odd node count are not officially supported!");
    const Finished copied =
        run_captured({"ssh-copy-id", "-i", context.paths.root_ssh("id_rsa"), "root@" + host}, Input::inherited);
    if (!copied.ok()) throw Error(fmt::format("unable to copy ssh ID to '{}': {}", host, copied.err));
    if (exists(kDatabase)) {
        if (!force) throw Error("QDevice certificate store already initialised, set force to delete!");
        members.run({"rm", "-rf", kDatabase});
    }
    try {
        exchange_certificates(context, members, Remote(host), cluster_name(conf));
    } catch (const Error&) {
        members.forget_certificates();
        throw;
    }
    info("add QDevice to cluster configuration");
    configure(context, host, even);
    members.service("start", "enable");
    return tools::cfgtool::reload(false);
}

int run_remove(Context& context, const Arguments&) {
    require_cluster(context);
    const Members members(context);
    const bool configured = has_device(read_cluster_conf(context.paths));
    // An attempt that failed after the configuration was changed is finished.
    if (!configured && !std::filesystem::exists(kDatabase)) throw Error("No QDevice configured!");
    if (configured) unconfigure(context);
    members.service("stop", "disable");
    members.run({"rm", "-rf", kFolder});
    const int status = tools::cfgtool::reload(false);
    fmt::print("\nRemoved Qdevice.\n");
    return status;
}

}  // namespace

Command qdevice_setup() {
    return {
        .name = "qdevice setup",
        .group = Group::qdevice,
        .help = "Setup the use of a QDevice: an arbiter outside the cluster whose vote keeps half of it quorate.",
        .positionals = {{.name = "address", .format = Format::address, .help = "Address of the arbiter, with qnetd."}},
        .options = {{.name = "network", .help = "Without effect: the address decides.", .fallback = ""},
                    {.name = "force",
                     .type = Type::boolean,
                     .help = "Do not throw error on possible dangerous operations."}},
        .run = run_setup};
}

Command qdevice_remove() {
    return {
        .name = "qdevice remove", .group = Group::qdevice, .help = "Remove a configured QDevice.", .run = run_remove};
}

}  // namespace pvecm::commands
