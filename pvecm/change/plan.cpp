#include "pvecm/change/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pvecm/config/document.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/process.hpp"
#include "pvecm/host/temporary_file.hpp"
#include "pvecm/quorum/what_if.hpp"

namespace pvecm::change {
namespace {

using config::Effect;
using config::NodeEffect;

constexpr const char* kConf = "/etc/pve/corosync.conf";

std::string diff_of(const std::string& before, const std::string& after) {
    const TemporaryFile old("pvecm-before", before), fresh("pvecm-after", after);
    Finished done = run_captured({"diff", "-u", "--label", kConf, "--label", "new", old.path(), fresh.path()});
    if (done.status > 1) throw Error(fmt::format("unable to compare: {}", done.err));
    return std::move(done.out);
}

std::uint64_t version_of(const std::string& text, const std::string& name) {
    return config::version(config::parse(text, name)).value_or(0);
}

// Those of the model that are online.
quorum::NodeIds online(const quorum::Model& model, const ClusterInfo& cluster) {
    quorum::NodeIds ids;
    for (const quorum::Voter& voter : model.voters) {
        const auto member = cluster.members.find(voter.name);
        if (member != cluster.members.end() && member->second.online) ids.push_back(voter.id);
    }
    return ids;
}

class Quorum {
public:
    Quorum(Plan& plan, const ClusterInfo& cluster)
        : plan_(plan), cluster_(cluster), old_(quorum::model_of(plan.before, kConf)) {}

    void look() {
        if (!old_.votequorum) return;
        after_it_is_applied();
        while_nodes_restart();
    }

private:
    void after_it_is_applied() {
        const quorum::Model fresh = quorum::model_of(plan_.after, "new");
        if (!fresh.votequorum) return;
        const quorum::Present present{.up = online(fresh, cluster_), .device = fresh.device};
        const quorum::Count count = ask(fresh, present, {}).now;
        if (!count.quorate)
            plan_.quorum_lost = fmt::format("the nodes that are online have {} of {} votes then, and {} are needed",
                                            count.votes, count.expected, count.quorum);
    }
    void while_nodes_restart() {
        const quorum::Present present{.up = online(old_, cluster_), .device = old_.device};
        const bool apart = std::any_of(plan_.nodes.begin(), plan_.nodes.end(), [](auto& node) { return node.apart; });
        if (apart && present.up.size() > 1)
            plan_.risks.emplace_back(
                "nodes that are restarted do not hear those that are not: there is no quorum from when less than a "
                "majority is left with the old file until a majority has the new one");
        for (const NodeEffect& node : plan_.nodes) {
            const quorum::Voter* const voter = old_.find(node.node);
            if (apart || node.effect != Effect::restart || voter == nullptr || present.up.size() < 2) continue;
            if (!ask(old_, present, {.nodes = {voter->id}}).end().quorate)
                plan_.risks.push_back(fmt::format("there is no quorum while '{}' restarts", node.node));
        }
    }

    Plan& plan_;
    const ClusterInfo& cluster_;
    const quorum::Model old_;
};

std::string sentence(const NodeEffect& node) {
    switch (node.effect) {
        case Effect::live:
            return "live";
        case Effect::restart:
            return fmt::format("needs a restart of corosync{}: {}",
                               node.refuses ? ", and takes nothing of it before" : "", fmt::join(node.reasons, "; "));
        case Effect::joins:
            return "is listed from now on";
        case Effect::leaves:
            return "is not listed any more";
    }
    return "";
}

}  // namespace

std::vector<std::string> Plan::to_restart() const {
    std::vector<std::string> names;
    for (const NodeEffect& node : nodes) {
        if (node.effect == Effect::restart) names.push_back(node.node);
    }
    return names;
}

Plan make_plan(const std::string& before, const std::string& after, const std::string& name,
               const ClusterInfo& cluster) {
    const config::Judgement judgement = config::judge(after, name), old = config::judge(before, kConf);
    if (!judgement.ok()) throw Error(fmt::format("{}", fmt::join(judgement.errors, "\n")));
    Plan plan;
    plan.before = before;
    plan.old_version = version_of(before, kConf);
    plan.version = std::max(plan.old_version + 1, version_of(after, name));
    plan.after = config::with_version(after, plan.version);
    // A higher version alone is no change.
    if (config::with_version(before, plan.version) != plan.after) plan.diff = diff_of(before, plan.after);
    for (const std::string& warning : judgement.warnings) {
        const std::string same = kConf + warning.substr(std::min(name.size(), warning.size()));
        if (std::find(old.warnings.begin(), old.warnings.end(), same) == old.warnings.end())
            plan.warnings.push_back(warning);
    }
    if (!plan.changes()) return plan;
    if (!old.ok()) {
        plan.warnings.push_back(
            fmt::format("the file in force is wrong itself, so nobody knows what nodes make of "
                        "the new one: {}",
                        old.errors.front()));
        return plan;
    }
    plan.nodes = config::effects(before, plan.after);
    Quorum(plan, cluster).look();
    return plan;
}

std::string text_of(const Plan& plan) {
    if (!plan.changes()) return "nothing is different\n";
    std::string text = plan.diff;
    for (const std::string& warning : plan.warnings)
        text += fmt::format("warning: {}\n", warning);
    text += fmt::format("config_version {} becomes {}\n", plan.old_version, plan.version);
    for (const NodeEffect& node : plan.nodes)
        text += fmt::format("{}: {}\n", node.node, sentence(node));
    if (plan.quorum_lost) text += fmt::format("the cluster would lose quorum: {}\n", *plan.quorum_lost);
    for (const std::string& risk : plan.risks)
        text += fmt::format("quorum: {}\n", risk);
    return text;
}

nlohmann::json json_of(const Plan& plan) {
    nlohmann::json nodes = nlohmann::json::array();
    for (const NodeEffect& node : plan.nodes)
        nodes.push_back({{"name", node.node},
                         {"effect", name_of(node.effect)},
                         {"reasons", node.reasons},
                         {"refuses_reload", node.refuses}});
    return {{"changes", plan.changes()},
            {"old_version", plan.old_version},
            {"version", plan.version},
            {"diff", plan.diff},
            {"warnings", plan.warnings},
            {"nodes", nodes},
            {"quorum_lost", plan.quorum_lost ? nlohmann::json(*plan.quorum_lost) : nlohmann::json(nullptr)},
            {"risks", plan.risks}};
}

}  // namespace pvecm::change
