#pragma once
// A corosync.conf as a tree that keeps what it does not know, read by the engine's own grammar and written as
// pve-cluster writes it. Spec pvecm.md section 5.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvecm::config {

struct Section {
    std::map<std::string, std::string> items;
    // Those that may repeat (node, interface, ...) with one element each; the items of others are merged, as the engine
    // does it.
    std::map<std::string, std::vector<Section>> sections;

    std::optional<std::string> get(const std::string& key) const;
    std::string text(const std::string& key) const { return get(key).value_or(""); }
    const Section* find(const std::string& name) const;  // the first of that name
    Section& child(const std::string& name);             // made if it is missing
    const std::vector<Section>& all(const std::string& name) const;

    bool operator==(const Section&) const = default;
};

// Throws Error, with file and line. Comments are dropped, also behind a value.
Section parse(std::string_view text, const std::string& file);
std::string write(const Section& root);

std::optional<std::uint64_t> version(const Section& root);  // nothing if there is none, or 0
// Adds one. Throws Error if there is no version, as pve-cluster does.
void raise_version(Section& root);
// The text with another config_version, and nothing else changed; as it is if it has none.
std::string with_version(const std::string& text, std::uint64_t version);

std::string node_key(const Section& node);             // its name, or else its address: what it is sorted by
std::string interface_number(const Section& section);  // "0" if it says none

}  // namespace pvecm::config
