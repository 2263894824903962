#include "pvecm/quorum/model.hpp"

#include <algorithm>

#include "engine/config/quorum.hpp"
#include "pvecm/config/judge.hpp"
#include "pvecm/config/node_view.hpp"
#include "pvecm/error.hpp"

namespace pvecm::quorum {

const Voter* Model::find(const std::string& name) const {
    const auto found = std::find_if(voters.begin(), voters.end(), [&](const Voter& each) { return each.name == name; });
    return found == voters.end() ? nullptr : &*found;
}

Model model_of(const std::string& text, const std::string& file) {
    const auto judgement = config::judge(text, file);
    if (!judgement.ok()) throw Error(judgement.errors.front());
    const auto conf = config::file_of(text, file);
    engine::cmap::Map map;
    std::vector<std::string> ignored;
    config::read_map(conf, map, ignored);
    Model model;
    model.votequorum = map.get_string("quorum.provider") == "corosync_votequorum";
    std::uint32_t position = 0;
    for (const config::Node& node : config::nodes(config::parse(text, file))) {
        map.set("nodelist.local_node_pos", position++);
        model.voters.push_back({.name = node.name,
                                .id = static_cast<vote::NodeId>(node.nodeid.value_or(0)),
                                .keys = engine::config::quorum_keys(map, conf.dialect)});
        model.device = !model.voters.back().keys.device_model.empty();
    }
    return model;
}

}  // namespace pvecm::quorum
