#include "pvecm/config/datacenter.hpp"

#include <fmt/format.h>

#include <sstream>

#include "pvecm/cli/formats.hpp"
#include "pvecm/error.hpp"

namespace pvecm::config {
namespace {

constexpr std::string_view kKey = "migration:";

// Why a value is wrong, key by key; empty if it is fine.
std::string wrong_keys(const std::map<std::string, std::string>& keys) {
    std::string text;
    const auto add = [&text](const std::string& line) { text += "\n" + line; };
    for (const auto& [key, value] : keys) {
        if (key == "type") {
            if (value != "secure" && value != "insecure")
                add(fmt::format(
                    "migration.type: value '{}' does not have a value in the enumeration 'secure, insecure'", value));
        } else if (key == "network") {
            if (!is_cidr(value))
                add("migration.network: invalid format - value does not look like a valid CIDR network");
        } else {
            add(
                fmt::format("migration.{}: property is not defined in schema and the schema does not allow additional "
                            "properties",
                            key));
        }
    }
    if (keys.count("type") == 0) add("migration.type: property is missing and it is not optional");
    return text;
}

std::optional<Migration> read(const std::string& value, std::vector<std::string>& warnings) {
    const auto refuse = [&](const std::string& why) {
        warnings.push_back(
            fmt::format("parse error in '/etc/pve/datacenter.cfg' - 'migration': invalid format - {}", why));
        return std::nullopt;
    };
    std::map<std::string, std::string> keys;
    try {
        keys = parse_properties(value, "type");
    } catch (const Error& error) {
        return refuse(error.what());
    }
    if (const std::string wrong = wrong_keys(keys); !wrong.empty()) return refuse("format error" + wrong);
    Migration migration{.type = keys.at("type"), .network = std::nullopt};
    if (const auto network = keys.find("network"); network != keys.end()) migration.network = network->second;
    return migration;
}

}  // namespace

std::optional<Migration> migration_of(std::string_view text, std::vector<std::string>& warnings) {
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(kKey)) continue;
        const auto begin = line.find_first_not_of(" \t", kKey.size());
        const auto end = line.find_last_not_of(" \t\r");
        return read(begin == std::string::npos ? "" : line.substr(begin, end + 1 - begin), warnings);
    }
    return std::nullopt;
}

}  // namespace pvecm::config
