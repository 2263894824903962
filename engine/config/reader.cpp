#include "engine/config/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "engine/config/keys.hpp"
#include "engine/config/uidgid.hpp"

namespace engine::config {
namespace {

using totem::Dialect;

void store(cmap::Map& map, const std::string& key, cmap::Value value) {
    const cmap::Status status = map.set(key, std::move(value));
    if (status == cmap::Status::ok) return;
    throw ValueError(fmt::format("Can't store key \"{}\" into icmap, returned error is {}", key, cmap::name(status)));
}

// The whole main file. Sections that make one entry each (interface, node, logger_subsys,
// logging_daemon) collect their items until they end, as the number or name that forms the key may come
// last; everything else is stored at once under its path.
class ConfigReader final : public Handler {
public:
    ConfigReader(cmap::Map& map, Dialect dialect) : map_(map), dialect_(dialect) {}

    void section_start(const std::string& path, const std::string&) override {
        if (path == "nodelist") {
            next_node_ = 0;
        } else if (path == "totem.interface") {
            interface_ = {};
        } else if (path == "nodelist.node") {
            node_has_address_ = false;
        } else if (path == "logging.logger_subsys" || path == "logging.logging_daemon") {
            logger_ = {};
        }
    }

    void item(const std::string& path, const std::string& key, const std::string& value) override {
        if (path == "totem.interface") {
            interface_item(key, value);
        } else if (path == "totem.interface.member") {
            if (key != "memberaddr") throw ValueError("Only memberaddr is allowed in member section");
            interface_.members.push_back(value);
        } else if (path == "nodelist.node") {
            node_item(key, value);
        } else if (path == "logging.logger_subsys" || path == "logging.logging_daemon") {
            logger_.insert_or_assign(key, value);
        } else if (path == "uidgid") {
            uidgid_item(map_, key, value);
        } else {
            const std::string full = path.empty() ? key : path + '.' + key;
            check_choice(full, value, dialect_);
            store(map_, full, typed_value(full, value, key_type(full, dialect_), dialect_));
        }
    }

    void section_end(const std::string& path) override {
        if (path == "totem.interface") {
            end_interface();
        } else if (path == "nodelist.node") {
            end_node();
        } else if (path == "logging.logger_subsys") {
            end_logger_subsys();
        } else if (path == "logging.logging_daemon") {
            end_logging_daemon();
        }
    }

private:
    struct Interface {
        unsigned number = 0;
        std::vector<std::pair<std::string, cmap::Value>> items;
        std::vector<std::string> members;
    };

    void interface_item(const std::string& key, const std::string& value) {
        const std::string full = "totem.interface." + key;
        cmap::Value typed = typed_value(full, value, key_type(full, dialect_), dialect_);
        if (key == (dialect_ == Dialect::v3 ? "linknumber" : "ringnumber")) {
            interface_.number = *typed.get_if<std::uint8_t>();
        } else {
            interface_.items.emplace_back(key, std::move(typed));
        }
    }

    void end_interface() {
        const std::string prefix = fmt::format("totem.interface.{}.", interface_.number);
        for (auto& [key, value] : interface_.items)
            store(map_, prefix + key, std::move(value));
        for (std::size_t i = 0; i < interface_.members.size(); ++i) {
            store(map_, fmt::format("{}member.{}", prefix, i), interface_.members[i]);
        }
    }

    void node_item(const std::string& key, const std::string& value) {
        if (key == "ring0_addr") node_has_address_ = true;
        const std::string full = fmt::format("nodelist.node.{}.{}", next_node_, key);
        store(map_, full, typed_value(full, value, key_type("nodelist.node." + key, dialect_), dialect_));
    }

    void end_node() {
        if (dialect_ == Dialect::v2 && !node_has_address_) throw ValueError("No ring0_addr specified for node");
        ++next_node_;
    }

    void end_logger_subsys() {
        const auto subsys = logger_.find("subsys");
        if (subsys == logger_.end()) throw ValueError("No subsys key in logger_subsys directive");
        store_logger("logging.logger_subsys." + subsys->second);
    }

    void end_logging_daemon() {
        const auto name = logger_.find("name");
        if (name == logger_.end()) throw ValueError("No name key in logging_daemon directive");
        const auto subsys = logger_.find("subsys");
        std::string prefix;
        if (name->second == "corosync") {
            prefix = subsys == logger_.end() ? "logging" : "logging.logger_subsys." + subsys->second;
        } else {
            prefix = "logging.logging_daemon." + name->second;
            if (subsys != logger_.end()) prefix += '.' + subsys->second;
        }
        store_logger(prefix);
    }

    void store_logger(const std::string& prefix) {
        for (const auto& [key, value] : logger_) {
            if (key == "name" || (key == "subsys" && prefix == "logging")) continue;
            store(map_, fmt::format("{}.{}", prefix, key), value);
        }
    }

    cmap::Map& map_;
    const Dialect dialect_;
    unsigned next_node_ = 0;
    bool node_has_address_ = false;
    Interface interface_;
    std::map<std::string, std::string> logger_;
};

// A file of uidgid.d: uidgid sections only.
class UidgidReader final : public Handler {
public:
    explicit UidgidReader(cmap::Map& map) : map_(map) {}
    void section_start(const std::string& path, const std::string&) override {
        if (path != "uidgid") throw ValueError("uidgid: Can't add subsection different than uidgid");
    }
    void item(const std::string& path, const std::string& key, const std::string& value) override {
        if (path != "uidgid") throw ValueError("uidgid: Only uid and gid are allowed items");
        uidgid_item(map_, key, value);
    }
    void section_end(const std::string&) override {}

private:
    cmap::Map& map_;
};

}  // namespace

File open_file(const std::string& path) {
    // The dialect is in the file: if that cannot be read the default's words are used.
    File file{path, read_file(path, Dialect::v3)};
    file.choice = choose_dialect(file.text);
    file.dialect = file.choice.dialect;
    return file;
}

void read_config(const File& file, cmap::Map& map, std::vector<std::string>& warnings) {
    ConfigReader reader(map, file.dialect);
    parse(file.text, file.path, file.dialect, reader, warnings);
    // Tools look here for the dialect whose texts they are to print; corosync's have no such key.
    const auto said = map.get_string("totem.dialect");
    const bool v2 = file.dialect == Dialect::v2;
    if (said == "auto" || (!said && v2)) map.set("totem.dialect", v2 ? "2.x" : "3.x");
}

void read_uidgid_directory(const std::string& directory, Dialect dialect, cmap::Map& map,
                           std::vector<std::string>& warnings) {
    std::error_code error;
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        std::error_code not_a_file;
        if (entry.is_regular_file(not_a_file)) paths.push_back(entry.path());
    }
    // Upstream takes them as they come; an order makes errors repeatable.
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
        std::string text;
        try {
            text = read_file(path, dialect);
        } catch (const Error& unreadable) {
            warnings.emplace_back(fmt::format("{}, skipped.", unreadable.what()));
            continue;
        }
        UidgidReader reader(map);
        parse(text, path, dialect, reader, warnings);
    }
}

std::string uidgid_directory(const File& file) {
    if (file.dialect == Dialect::v2) return "/etc/corosync/uidgid.d";
    return std::filesystem::path(file.path).parent_path() / "uidgid.d";
}

}  // namespace engine::config
