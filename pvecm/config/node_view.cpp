#include "pvecm/config/node_view.hpp"

#include <utility>

namespace pvecm::config {
namespace {

using engine::config::Family;

// 127 characters and the NUL: what both dialects take for a key.
constexpr std::size_t kKeyText = 127;

totem::NodeAddress whole_netmask(const totem::NodeAddress& address) {
    totem::NodeAddress mask = address;
    for (auto& byte : mask.bytes)
        byte = 0xff;
    return mask;
}

}  // namespace

NodeHost::NodeHost(const Node& node) : name_(node.name) {
    add_addresses(node);
}

void NodeHost::add_addresses(const Node& node) {
    for (const auto& [link, text] : node.addresses) {
        for (const totem::NodeAddress& address : resolve(text, Family::any))
            addresses_.push_back({address, whole_netmask(address)});
    }
}

std::vector<totem::NodeAddress> NodeHost::resolve(const std::string& name, Family family) const {
    return engine::config::SystemHost().resolve(name, family);
}

engine::config::File file_of(const std::string& text, const std::string& name) {
    engine::config::File file{.path = name, .text = text};
    file.choice = engine::config::choose_dialect(text);
    file.dialect = file.choice.dialect;
    return file;
}

bool is_knet(const engine::config::File& file) {
    engine::cmap::Map map;
    std::vector<std::string> ignored;
    read_map(file, map, ignored);
    const std::string fallback = file.dialect == totem::Dialect::v3 ? "knet" : "udp";
    return map.get_string("totem.transport").value_or(fallback) == "knet";
}

void leave_out_keys(engine::cmap::Map& map) {
    for (const char* const key : {"totem.keyfile", "totem.next_keyfile", "totem.next_key_id"})
        map.erase(key);
    map.set("totem.key", std::string(kKeyText, 'k'));
}

void read_map(const engine::config::File& file, engine::cmap::Map& map, std::vector<std::string>& warnings) {
    engine::config::read_config(file, map, warnings);
}

}  // namespace pvecm::config
