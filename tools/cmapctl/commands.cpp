#include "tools/cmapctl/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tools/common/connection.hpp"
#include "tools/common/program.hpp"

namespace tools::cmapctl {
namespace {

using FilePointer = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// The contents of a file, "-" is standard input; nothing after having said why.
std::optional<std::string> read_file(const std::string& name) {
    FilePointer file(name == "-" ? stdin : std::fopen(name.c_str(), "rb"), std::fclose);
    if (!file) {
        complain(fmt::format("Can't open input file: {}", std::strerror(errno)));
        return std::nullopt;
    }
    std::string bytes;
    char buffer[4096];
    for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, file.get())) > 0;)
        bytes.append(buffer, got);
    if (name == "-") static_cast<void>(file.release());  // not ours to close
    return bytes;
}

bool remove_one(const Session& session, const std::string& key) {
    const cs_error_t error = cmap_delete(session.cmap, key.c_str());
    if (error != CS_OK) complain(fmt::format("Can't delete key {}. Error {}", key, cs_strerror(error)));
    return error == CS_OK;
}

// Prints or collects what matches; false if nothing did.
bool show_prefix(const Session& session, const std::string& prefix, nlohmann::json& found, bool& failed) {
    const Listing listing = list_keys(session.cmap, prefix);
    if (listing.error != CS_OK) {
        complain(fmt::format("Failed to initialize iteration. Error {}", cs_strerror(listing.error)));
        failed = true;
    }
    for (const Key& key : listing.keys) {
        cs_error_t error = CS_OK;
        const auto value = read_value(session.cmap, key.name, error);
        if (!value) {
            if (error == CS_ERR_NOT_EXIST) continue;  // gone since it was listed
            complain(fmt::format("Can't get value of {}. Error {}", key.name, cs_strerror(error)));
            continue;
        }
        if (session.json) {
            found.push_back(json_of(key.name, *value));
        } else {
            fmt::print("{}", line_of(key.name, *value, session.style));
        }
    }
    return !listing.keys.empty();
}

}  // namespace

std::optional<Value> read_value(cmap_handle_t cmap, const std::string& key, cs_error_t& error) {
    Value value{};
    // The value may grow between asking for its length and reading it (client-ipc.md section 9.4).
    for (int attempt = 0; attempt < 3; ++attempt) {
        std::size_t length = 0;
        error = cmap_get(cmap, key.c_str(), nullptr, &length, &value.type);
        if (error != CS_OK) return std::nullopt;
        value.bytes.resize(length);
        error = cmap_get(cmap, key.c_str(), value.bytes.data(), &length, &value.type);
        if (error == CS_OK) {
            value.bytes.resize(std::min(value.bytes.size(), length));
            return value;
        }
        if (error != CS_ERR_INVALID_PARAM) return std::nullopt;
    }
    return std::nullopt;
}

int get(const Session& session, const Words& keys) {
    nlohmann::json found = nlohmann::json::array();
    int code = 0;
    for (const std::string& key : keys) {
        cs_error_t error = CS_OK;
        const auto value = read_value(session.cmap, key, error);
        if (!value) {
            complain(fmt::format("Can't get key {}. Error {}", key, cs_strerror(error)));
            code = 1;
            break;
        }
        if (session.json) {
            found.push_back(json_of(key, *value));
        } else {
            fmt::print("{}", line_of(key, *value, session.style));
        }
    }
    if (session.json) print_json(found);
    return code;
}

int list(const Session& session, const Words& prefixes) {
    nlohmann::json found = nlohmann::json::array();
    bool any = prefixes.empty();
    bool failed = false;
    for (const std::string& prefix : prefixes)
        any |= show_prefix(session, prefix, found, failed);
    if (prefixes.empty()) show_prefix(session, "", found, failed);
    if (session.json) print_json(found);
    return any && !failed ? 0 : 1;
}

int set(const Session& session, const std::string& key, const std::string& type_name, const std::string& text) {
    const auto type = type_named(type_name);
    if (!type) return complain(fmt::format("Unknown type {}", type_name)), 1;
    std::optional<Value> value;
    if (*type == CMAP_VALUETYPE_BINARY) {
        auto bytes = read_file(text);
        if (!bytes) return 1;
        value = Value{*type, std::move(*bytes)};
    } else {
        std::string problem;
        value = parse_value(*type, text, problem);
        if (!value) return complain(problem), 1;
    }
    const cs_error_t error =
        *type == CMAP_VALUETYPE_STRING
            ? cmap_set_string(session.cmap, key.c_str(), value->bytes.c_str())
            : cmap_set(session.cmap, key.c_str(), value->bytes.empty() ? nullptr : value->bytes.data(),
                       value->bytes.size(), *type);
    if (error == CS_OK) return 0;
    return complain(fmt::format("Failed to set key {}. Error {}", key, cs_strerror(error))), 1;
}

int remove(const Session& session, const Words& keys) {
    for (const std::string& key : keys) {
        if (!remove_one(session, key)) return 1;
    }
    return 0;
}

int remove_prefixes(const Session& session, const Words& prefixes) {
    for (const std::string& prefix : prefixes) {
        const Listing listing = list_keys(session.cmap, prefix);
        if (listing.error != CS_OK) {
            return complain(fmt::format("Failed to initialize iteration. Error {}", cs_strerror(listing.error))), 1;
        }
        for (const Key& key : listing.keys)
            remove_one(session, key.name);
    }
    return 0;
}

int load(const Session& session, const std::string& name) {
    const FilePointer file(name == "-" ? stdin : std::fopen(name.c_str(), "r"), std::fclose);
    // The exit code is the original's.
    if (!file) return complain(fmt::format("Couldn't open file.: {}", std::strerror(errno))), 0;
    char* buffer = nullptr;
    std::size_t room = 0;
    int code = 0;
    while (code == 0 && ::getline(&buffer, &room, file.get()) >= 0) {
        const auto setting = parse_setting(buffer);
        if (!setting) continue;
        if (setting->kind == Setting::Kind::remove) {
            remove_one(session, setting->key);  // the rest of the file counts all the same
        } else if (setting->kind == Setting::Kind::remove_prefix) {
            code = remove_prefixes(session, {setting->key});
        } else if (!setting->complete) {
            complain(fmt::format("Both type and value for key {} are required", setting->key));
            code = 1;
        } else {
            code = set(session, setting->key, setting->type, setting->value);
        }
    }
    std::free(buffer);
    return code;
}

int clear_statistics(const Session& session, const std::string& which) {
    return set(session, "stats.clear." + which, "u32", "1");
}

}  // namespace tools::cmapctl
