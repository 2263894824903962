#include "pvecm/config/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/config/grammar.hpp"
#include "pvecm/cli/formats.hpp"
#include "pvecm/error.hpp"

namespace pvecm::config {
namespace {

constexpr std::array<std::string_view, 5> kRepeated = {"node", "interface", "logger_subsys", "logging_daemon",
                                                       "member"};

class Builder final : public engine::config::Handler {
public:
    explicit Builder(Section& root) : open_{&root} {}

    void section_start(const std::string&, const std::string& name) override {
        auto& list = open_.back()->sections[name];
        const bool repeated = std::find(kRepeated.begin(), kRepeated.end(), name) != kRepeated.end();
        if (list.empty() || repeated) list.emplace_back();
        open_.push_back(&list.back());
    }
    void item(const std::string&, const std::string& key, const std::string& value) override {
        open_.back()->items[key] = value;
    }
    void section_end(const std::string&) override { open_.pop_back(); }

private:
    std::vector<Section*> open_;  // of a list only the last element is open, so that none of them moves
};

// The engine takes '#' for data where it does not begin the line; pve-cluster, and whoever writes it there, does not.
std::string without_comments(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
            if (at > 0 && line[at - 1] != ' ' && line[at - 1] != '\t') continue;
            line = line.substr(0, at);
            break;
        }
        result.append(line).push_back('\n');
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

std::string sort_key(const std::string& name, const Section& section) {
    if (name == "node") return node_key(section);
    return name == "interface" ? interface_number(section) : "";
}

std::vector<const Section*> sorted(const std::string& name, const std::vector<Section>& list) {
    std::vector<const Section*> result;
    result.reserve(list.size());
    for (const Section& section : list)
        result.push_back(&section);
    std::stable_sort(result.begin(), result.end(),
                     [&](const Section* a, const Section* b) { return sort_key(name, *a) < sort_key(name, *b); });
    return result;
}

void write_items(const Section& section, std::size_t depth, std::string& out);

void write_sections(const std::string& name, const std::vector<Section>& list, std::size_t depth, std::string& out) {
    const std::string indent(depth * 2, ' ');
    for (const Section* section : sorted(name, list)) {
        out += fmt::format("{}{} {{\n", indent, name);
        write_items(*section, depth + 1, out);
        out += fmt::format("{}}}\n", indent);
        if (depth == 0) out += "\n";
    }
}

// Items and sections in one order, that of the bytes of their names.
void write_items(const Section& section, std::size_t depth, std::string& out) {
    auto item = section.items.begin();
    auto list = section.sections.begin();
    while (item != section.items.end() || list != section.sections.end()) {
        const bool is_item =
            list == section.sections.end() || (item != section.items.end() && item->first <= list->first);
        if (is_item) {
            out += fmt::format("{}{}: {}\n", std::string(depth * 2, ' '), item->first, item->second);
            ++item;
        } else {
            write_sections(list->first, list->second, depth, out);
            ++list;
        }
    }
}

}  // namespace

std::optional<std::string> Section::get(const std::string& key) const {
    const auto found = items.find(key);
    return found == items.end() ? std::nullopt : std::optional(found->second);
}

const Section* Section::find(const std::string& name) const {
    const auto& list = all(name);
    return list.empty() ? nullptr : &list.front();
}

Section& Section::child(const std::string& name) {
    auto& list = sections[name];
    if (list.empty()) list.emplace_back();
    return list.front();
}

const std::vector<Section>& Section::all(const std::string& name) const {
    static const std::vector<Section> none;
    const auto found = sections.find(name);
    return found == sections.end() ? none : found->second;
}

Section parse(std::string_view text, const std::string& file) {
    Section root;
    Builder builder(root);
    std::vector<std::string> warnings;
    try {
        engine::config::parse(without_comments(text), file, totem::Dialect::v3, builder, warnings);
    } catch (const engine::config::Error& error) {
        throw Error(error.what());
    }
    return root;
}

std::string write(const Section& root) {
    std::string out;
    write_items(root, 0, out);
    return out;
}

std::optional<std::uint64_t> version(const Section& root) {
    const Section* const totem = root.find("totem");
    const auto number = totem != nullptr ? parse_integer(totem->text("config_version")) : std::nullopt;
    if (!number || *number <= 0) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

void raise_version(Section& root) {
    const auto old = version(root);
    if (!old) throw Error("invalid corosync config: unable to read config version");
    root.child("totem").items["config_version"] = std::to_string(*old + 1);
}

std::string with_version(const std::string& text, std::uint64_t version) {
    constexpr std::string_view kKey = "config_version";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::size_t key = std::min(text.find_first_not_of(" \t", at), end);
        const std::size_t colon = text.find(':', key);
        if (text.compare(key, kKey.size(), kKey) == 0 && colon < end) {
            const std::size_t last = text.find_last_not_of('\r', end - 1) + 1;
            return fmt::format("{} {}{}", text.substr(0, colon + 1), version, text.substr(last));
        }
        at = end + 1;
    }
    return text;
}

std::string node_key(const Section& node) {
    return node.get("name").value_or(node.text("ring0_addr"));
}

std::string interface_number(const Section& section) {
    return section.get("linknumber").value_or(section.get("ringnumber").value_or("0"));
}

}  // namespace pvecm::config
