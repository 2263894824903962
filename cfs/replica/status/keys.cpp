#include "cfs/replica/status/keys.hpp"

#include <algorithm>

namespace cfs::replica {

void NodeKeys::set(std::uint32_t node, const std::string& key, Bytes value) {
    Values& values = nodes_[node];
    if (value.empty() && removes_on_empty_) {
        values.erase(key);
        return;
    }
    const auto [place, is_new] = values.try_emplace(key);
    place->second.bytes.assign(value.begin(), value.end());
    if (!is_new) ++place->second.version;
}

const NodeKeys::Values& NodeKeys::of(std::uint32_t node) const {
    static const Values kNone;
    const auto found = nodes_.find(node);
    return found == nodes_.end() ? kNone : found->second;
}

const NodeKeys::Value* NodeKeys::find(std::uint32_t node, std::string_view key) const {
    const Values& values = of(node);
    const auto found = values.find(key);
    return found == values.end() ? nullptr : &found->second;
}

bool Measurements::set(totem::Instant now, const std::string& key, Bytes value) {
    auto text = terminated_text(value);
    if (!text || text->empty() || text->size() >= kLongest) return false;
    values_[key] = {std::move(*text), now};
    return true;
}

std::string Measurements::text(totem::Instant now) {
    std::erase_if(values_, [now](const auto& value) { return now - value.second.arrived > kLifetime; });
    std::string out;
    for (const auto& [key, value] : values_)
        out += key + ':' + value.text + '\n';
    return out;
}

std::optional<std::string> terminated_text(Bytes value) {
    const auto end = std::ranges::find(value, 0);
    if (end == value.end() || end + 1 != value.end()) return std::nullopt;
    return std::string(value.begin(), end);
}

}  // namespace cfs::replica
