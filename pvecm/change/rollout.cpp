#include "pvecm/change/rollout.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "pvecm/change/versions.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/locks.hpp"
#include "pvecm/host/remote.hpp"

namespace pvecm::change {
namespace {

// A node may hear the order to reload before its store has written the file; it is given again then. The same for what
// tells nothing of itself, the file of a node whose engine does not take it.
constexpr std::chrono::seconds kAgain{2};

using Names = std::vector<std::string>;

void put(const Paths& paths, const std::string& before, const std::string& after) {
    with_config_lock(paths, [&] {
        if (read_cluster_text(paths) != before)
            throw Error("corosync.conf has been changed by somebody else meanwhile: look at the difference again");
        write_file(last_good(paths), before);
        put_cluster_text(paths, after);
    });
}

void order_reload() {
    const tools::Cfg cfg(tools::open_cfg);
    if (cfg.ok()) corosync_cfg_reload_config(cfg.get());
}

// Waits for every node that is online.
class Wait {
public:
    Wait(const Context& context, const Plan& plan, std::uint64_t version, const Progress& say)
        : context_(context), version_(version), say_(say), members_(StoreClient::cluster_info().members) {
        for (const config::NodeEffect& node : plan.nodes) {
            const auto member = members_.find(node.node);
            const bool online = member != members_.end() && member->second.online;
            if (node.effect == config::Effect::leaves || node.effect == config::Effect::joins) continue;
            if (!online) {
                offline_.push_back(node.node);
            } else if (node.refuses) {
                by_file_.push_back(node.node);
            } else {
                by_engine_.push_back(node.node);
            }
        }
    }

    // Those that have not got it in time.
    Names run(std::chrono::seconds limit) {
        const auto end = Clock::now() + limit;
        for (;;) {
            const auto again = std::min(Clock::now() + kAgain, end);
            strike_off_by_engine();
            strike_off_by_file();
            while (!by_engine_.empty() && Clock::now() < again) {
                versions_.await_change(again);
                strike_off_by_engine();
            }
            if (by_engine_.empty() && by_file_.empty()) return {};
            if (Clock::now() >= end) break;
            if (by_engine_.empty()) versions_.await_change(again);
            if (!by_engine_.empty()) order_reload();
        }
        Names missing = by_engine_;
        missing.insert(missing.end(), by_file_.begin(), by_file_.end());
        return missing;
    }
    const Names& offline() const { return offline_; }

private:
    void strike_off_by_engine() {
        const auto versions = versions_.read();
        std::erase_if(by_engine_, [&](const std::string& name) {
            const auto found = versions.find(members_.at(name).id);
            const bool has = found != versions.end() && found->second == version_;
            if (has) say_(fmt::format("{}: has version {}", name, version_));
            return has;
        });
    }
    void strike_off_by_file() {
        std::erase_if(by_file_, [&](const std::string& name) {
            if (file_version(name) != version_) return false;
            say_(fmt::format("{}: has the file, version {}", name, version_));
            return true;
        });
    }
    std::uint64_t file_version(const std::string& name) const {
        try {
            const std::string text = name == context_.node
                                         ? read_file(context_.paths.local_conf()).value_or("")
                                         : Remote(members_.at(name).address).read(Paths().local_conf());
            return config::version(config::parse(text, name)).value_or(0);
        } catch (const Error& error) {
            say_(error.what());
            return 0;
        }
    }

    const Context& context_;
    const std::uint64_t version_;
    const Progress& say_;
    Versions versions_;
    const std::map<std::string, ClusterInfo::Member> members_;
    Names by_engine_, by_file_, offline_;
};

void take_back(const Context& context, const Plan& plan, std::chrono::seconds limit, const Progress& say,
               const Names& missing) {
    const std::string old = config::with_version(plan.before, plan.version + 1);
    const auto failed = [&](const std::string& why) {
        return Error(fmt::format("{} did not take the change, and going back failed: {}\nThe old file is '{}'.",
                                 fmt::join(missing, ", "), why, last_good(context.paths)));
    };
    say(fmt::format("{} did not take it in time, going back to what was before", fmt::join(missing, ", ")));
    try {
        put(context.paths, plan.after, old);
        Wait wait(context, plan, plan.version + 1, say);
        const Names still = wait.run(limit);
        if (still.empty()) return;
        say(fmt::format("{} did not take that either: is the store there alive, and corosync?",
                        fmt::join(still, ", ")));
    } catch (const Error& error) {
        throw failed(error.what());
    }
}

}  // namespace

std::string last_good(const Paths& paths) {
    return paths.cluster_conf() + ".bak";
}

Outcome roll_out(const Context& context, const Plan& plan, std::chrono::seconds limit, const Progress& say) {
    Wait wait(context, plan, plan.version, say);
    put(context.paths, plan.before, plan.after);
    Outcome outcome{.version = plan.version, .missing = wait.run(limit), .offline = wait.offline()};
    if (outcome.applied()) return outcome;
    take_back(context, plan, limit, say, outcome.missing);
    outcome.version = plan.version + 1;
    return outcome;
}

}  // namespace pvecm::change
