#include "pvecm/separate/findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/quorum/running.hpp"

namespace pvecm::separate {
namespace {

using Names = std::vector<std::string>;

// Storages that are reached over the network by their nature.
constexpr std::array<std::string_view, 12> kNetwork = {
    "nfs", "cifs", "glusterfs", "cephfs", "rbd", "iscsi", "iscsidirect", "zfs", "pbs", "drbd", "sheepdog", "esxi"};

struct Storage {
    std::string type, name;
    bool shared = false, disabled = false;
    std::optional<std::string> nodes = {};

    bool is_shared_by(const std::string& node) const {
        const bool network = std::find(kNetwork.begin(), kNetwork.end(), type) != kNetwork.end();
        const bool here = !nodes || ("," + *nodes + ",").find("," + node + ",") != std::string::npos;
        return (network || shared) && !disabled && here;
    }
};

bool is_on(const std::string& value) {
    return value.empty() || value == "1" || value == "yes" || value == "on" || value == "true";
}

// "TYPE: NAME", and then its properties, indented.
std::vector<Storage> parse_storages(const std::string& text) {
    std::istringstream lines(text);
    std::vector<Storage> storages;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string key, value;
        words >> key >> value;
        const bool indented = line.starts_with(' ') || line.starts_with('\t');
        if (key.empty() || key.starts_with('#')) continue;
        if (!indented && key.ends_with(':')) {
            storages.push_back({.type = key.substr(0, key.size() - 1), .name = value});
        } else if (indented && !storages.empty()) {
            if (key == "shared") storages.back().shared = is_on(value);
            if (key == "disable") storages.back().disabled = is_on(value);
            if (key == "nodes") storages.back().nodes = value;
        }
    }
    return storages;
}

Names guests_of(const std::string& node) {
    const auto list = nlohmann::json::parse(StoreClient::guests(), nullptr, false);
    Names ids;
    if (!list.is_object() || !list.contains("ids")) return ids;
    for (const auto& [id, guest] : list["ids"].items()) {
        if (guest.value("node", "") == node) ids.push_back(id);
    }
    return ids;
}

// Empty if the others go on without this node.
std::string about_quorum(const Context& context) {
    tools::quorumtool::Engine engine;
    const auto picture = engine.open() ? engine.picture({}) : std::nullopt;
    if (!picture) return "corosync does not answer: nobody can say whether the others stay quorate without this node";
    if (!picture->votequorum) return {};
    const auto model = quorum::model_of(read_cluster_text(context.paths), context.paths.cluster_conf());
    const quorum::Voter* const own = model.find(context.node);
    if (own == nullptr) return fmt::format("the cluster does not list '{}'", context.node);
    const auto answer = ask(model, present_of(*picture, model), {.nodes = {own->id}});
    const quorum::Count& rest = answer.end();
    if (answer.left.empty() || !answer.now.quorate || rest.quorate) return {};
    return fmt::format("the others lose quorum without this node: {} of {} votes, {} are needed{}", rest.votes,
                       rest.expected, rest.quorum,
                       answer.remedy ? fmt::format(" ('pvecm expected {}' there gives it back)", *answer.remedy) : "");
}

}  // namespace

Names shared_storages(const std::string& storage_cfg, const std::string& node) {
    Names names;
    for (const Storage& storage : parse_storages(storage_cfg)) {
        if (storage.is_shared_by(node)) names.push_back(storage.name);
    }
    return names;
}

Names findings(const Context& context) {
    Names found;
    const Names guests = guests_of(context.node);
    if (!guests.empty())
        found.push_back(
            fmt::format("guests of this node: {} - they would be in the cluster and here; move them, or "
                        "remove their configuration on one side",
                        fmt::join(guests, ", ")));
    const Names shared = shared_storages(read_file(context.paths.pve("storage.cfg")).value_or(""), context.node);
    if (!shared.empty())
        found.push_back(
            fmt::format("storages that this node shares with others: {} - two clusters on one storage "
                        "destroy each other's data; take this node out of their 'nodes' first",
                        fmt::join(shared, ", ")));
    if (!read_file(context.paths.pve("ha/resources.cfg")).value_or("").empty())
        found.emplace_back("guests are managed for high availability: take this node out of it first");
    if (const std::string quorum = about_quorum(context); !quorum.empty()) found.push_back(quorum);
    return found;
}

}  // namespace pvecm::separate
