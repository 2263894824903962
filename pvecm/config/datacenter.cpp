#include "pvecm/config/datacenter.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

#include "pvecm/cli/formats.hpp"
#include "pvecm/config/key_values.hpp"
#include "pvecm/error.hpp"

namespace pvecm::config {
namespace {

constexpr const char* kFile = "/etc/pve/datacenter.cfg";
constexpr const char* kStartDelay = "startall-onboot-delay";

// Why a value is wrong, key by key; empty if it is fine.
std::string wrong_keys(const std::string& setting, const std::map<std::string, std::string>& keys) {
    std::string text;
    const auto add = [&](const std::string& key, const std::string& why) {
        text += fmt::format("\n{}.{}: {}", setting, key, why);
    };
    for (const auto& [key, value] : keys) {
        if (key == "type") {
            if (value != "secure" && value != "insecure")
                add(key, fmt::format("value '{}' does not have a value in the enumeration 'secure, insecure'", value));
        } else if (key == "network") {
            if (!is_cidr(value)) add(key, "invalid format - value does not look like a valid CIDR network");
        } else {
            add(key, "property is not defined in schema and the schema does not allow additional properties");
        }
    }
    if (keys.count("type") == 0) add("type", "property is missing and it is not optional");
    return text;
}

Migration parse_migration(const std::string& setting, const std::string& value) {
    std::map<std::string, std::string> keys;
    try {
        keys = parse_properties(value, "type");
    } catch (const Error& error) {
        throw Error(fmt::format("invalid format - {}", error.what()));
    }
    if (const std::string wrong = wrong_keys(setting, keys); !wrong.empty())
        throw Error("invalid format - format error" + wrong);
    Migration migration{.type = keys.at("type"), .network = std::nullopt};
    if (const auto network = keys.find("network"); network != keys.end()) migration.network = network->second;
    return migration;
}

long parse_at_least(long least, const std::string& value) {
    const auto number = parse_integer(value);
    if (!number) throw Error(fmt::format("type check ('integer') failed - got '{}'", value));
    if (*number < least) throw Error(fmt::format("value must have a minimum value of {}", least));
    return *number;
}

bool parse_boolean(const std::string& value) {
    if (!is_on(value) && !is_off(value)) throw Error(fmt::format("type check ('boolean') failed - got '{}'", value));
    return is_on(value);
}

class Reader {
public:
    Datacenter read(std::string_view text) {
        const KeyValues lines = key_values(text);
        for (const std::string& line : lines.odd_lines)
            out_.wrong.push_back(fmt::format("ignore config line: {}", line));
        for (const auto& [key, value] : lines.settings) {
            if (!seen_.insert(key).second)
                out_.wrong.push_back(about(key, "is set more than once, the last one counts"));
            try {
                take(key, value);
            } catch (const Error& error) {
                out_.wrong.push_back(about(key, error.what()));
            }
        }
        settle_type();
        return std::move(out_);
    }

private:
    static std::string about(const std::string& key, const std::string& why) {
        return fmt::format("parse error in '{}' - '{}': {}", kFile, key, why);
    }
    void take(const std::string& key, const std::string& value) {
        if (key == "migration") {
            out_.migration.reset();
            out_.migration = parse_migration(key, value);
        } else if (key == "replication") {
            out_.replication.reset();
            out_.replication = parse_migration(key, value);
        } else if (key == "migration_unsecure") {
            unsecure_ = parse_boolean(value);
        } else if (key == "max_workers") {
            out_.max_workers = parse_at_least(1, value);
        } else {
            out_.unknown.push_back(fmt::format("'{}' - '{}': not checked, it is no setting of pvecm", kFile, key));
        }
    }
    // The deprecated setting counts only where the other does not say it.
    void settle_type() {
        if (!unsecure_) return;
        if (out_.migration) {
            out_.wrong.emplace_back(
                "deprecated setting 'migration_unsecure' and new 'migration: type' set at same time! Ignore "
                "'migration_unsecure'");
        } else {
            out_.migration = Migration{.type = *unsecure_ ? "insecure" : "secure", .network = std::nullopt};
        }
    }

    Datacenter out_;
    std::optional<bool> unsecure_;
    std::set<std::string> seen_;
};

}  // namespace

Datacenter read_datacenter(std::string_view text) {
    return Reader().read(text);
}

long start_delay(std::string_view node_config, std::vector<std::string>& warnings) {
    long seconds = 0;
    for (const auto& [key, value] : key_values(node_config).settings) {
        if (key != kStartDelay) continue;
        try {
            seconds = parse_at_least(0, value);
        } catch (const Error& error) {
            warnings.push_back(fmt::format("configuration of the node - '{}': {}", key, error.what()));
        }
    }
    return seconds;
}

}  // namespace pvecm::config
