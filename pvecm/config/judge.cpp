#include "pvecm/config/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/config/build.hpp"
#include "engine/config/logging.hpp"
#include "engine/config/quorum.hpp"
#include "pvecm/config/node_view.hpp"
#include "pvecm/error.hpp"

namespace pvecm::config {
namespace {

using engine::config::ClusterConfig;
using engine::config::File;
using Lines = std::vector<std::string>;

void add(Lines& lines, const std::string& line) {
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
}

std::string without_prefix(std::string text) {
    constexpr std::string_view kPrefix = "parse error in config: ";
    if (text.starts_with(kPrefix)) text.erase(0, kPrefix.size());
    while (text.ends_with('\n'))
        text.pop_back();
    return text;
}

class Judge {
public:
    Judge(const std::string& text, const std::string& name) : name_(name), file_(file_of(text, name)) {}

    Judgement run() {
        if (!reads()) return std::move(out_);
        check_version();
        check_nodes();
        if (is_knet(file_)) {
            out_.warnings.push_back(
                fmt::format("{}: transport knet: addresses, timers and protection are judged by corosync only", name_));
        } else {
            for (const Node& node : nodes_)
                build_for(node);
        }
        return std::move(out_);
    }

private:
    void error(const std::string& text) { add(out_.errors, fmt::format("{}: {}", name_, without_prefix(text))); }

    // The grammar first, strictly; then each value under the type that the dialect has for it.
    bool reads() {
        try {
            root_ = parse(file_.text, name_);
            engine::cmap::Map map;
            read_map(file_, map, out_.warnings);
            nodes_ = nodes(root_);
            return true;
        } catch (const engine::config::Error& wrong) {
            const std::string place = fmt::format("{}:{}: ", name_, wrong.line());
            const std::string text = wrong.what();
            add(out_.errors, text.find(place) != std::string::npos ? text : place + text);
        } catch (const Error& wrong) {
            add(out_.errors, wrong.what());
        }
        return false;
    }

    void check_version() {
        if (!version(root_)) error("totem.config_version is missing or 0: without it no node takes the file");
    }

    void check_nodes() {
        if (nodes_.empty()) return error("there is no node in nodelist");
        std::set<std::string> names;
        std::map<std::string, std::string> owners;
        const auto& sections = root_.find("nodelist")->all("node");
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            const Node& node = nodes_[i];
            if (!sections[i].get("name"))
                error(fmt::format("the node with address '{}' has no name: add 'name:', as its host is called",
                                  node.name));
            if (!node.nodeid) error(fmt::format("node '{}' has no nodeid", node.name));
            if (!names.insert(node.name).second) error(fmt::format("node '{}' is listed twice", node.name));
            for (const auto& [link, address] : node.addresses) {
                const auto [owner, fresh] = owners.emplace(address, node.name);
                if (!fresh)
                    error(fmt::format("address '{}' is of node '{}' and of node '{}'", address, owner->second,
                                      node.name));
            }
        }
    }

    void build_for(const Node& node) {
        engine::cmap::Map map;
        Lines warnings;
        try {
            read_map(file_, map, warnings);
            warnings.clear();  // they are noted
            leave_out_keys(map);
            const ClusterConfig config = engine::config::build(map, file_.dialect, NodeHost(node), warnings);
            engine::config::logging_settings(map, file_.dialect, warnings);
            if (const auto refused = engine::config::quorum_violation(config)) error(*refused);
            if (config.quorum.provider.empty())
                add(out_.warnings, fmt::format("{}: there is no quorum.provider: each part of a split cluster would "
                                               "take itself for quorate",
                                               name_));
            for (const vote::LogLine& line : vote::read(config.quorum.keys).lines)
                add(out_.warnings, fmt::format("{}: {}", name_, line.text));
        } catch (const engine::config::Error& wrong) {
            error(wrong.what());
        }
        for (const std::string& warning : warnings)
            add(out_.warnings, fmt::format("{}: {}", name_, warning));
    }

    const std::string name_;
    const File file_;
    Section root_;
    std::vector<Node> nodes_;
    Judgement out_;
};

}  // namespace

Judgement judge(const std::string& text, const std::string& file) {
    return Judge(text, file).run();
}

}  // namespace pvecm::config
