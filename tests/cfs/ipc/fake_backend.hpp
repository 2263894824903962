#pragma once
// A node's tree and keys as the requests see them, and requests as clients make them.

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "cfs/ipc/answers.hpp"
#include "cfs/ipc/guest_properties.hpp"
#include "cfs/tree/tree.hpp"

namespace cfs::ipc::test {

struct FakeBackend : Backend {
    struct Logged {
        int priority;
        std::uint32_t pid;
        std::string ident, tag, message;
        bool operator==(const Logged&) const = default;
    };

    std::string version_text() override { return "version"; }
    std::string members_text() override { return "members"; }
    std::string guests_text() override { return "guests"; }
    std::string rrd_text() override { return rrd; }
    std::string cluster_log_text(std::uint32_t most, std::string_view user) override {
        return std::to_string(most) + " of " + std::string(user);
    }
    int set_status(const std::string& key, Bytes value) override {
        if (value.size() > 32768) return -EFBIG;
        keys[{"node1", key}] = std::string(value.begin(), value.end());
        return 0;
    }
    std::optional<std::string> status(std::string_view node, std::string_view key) override {
        const auto found = keys.find({std::string(node.empty() ? "node1" : node), std::string(key)});
        return found == keys.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<std::string> file(std::string_view path) override {
        asked_files.emplace_back(path);
        const Entry* entry = tree.find(path);
        if (entry == nullptr || !entry->is_file()) return std::nullopt;
        const auto bytes = read(*entry, 0, entry->size);
        return std::string(bytes.begin(), bytes.end());
    }
    void log(const replica::ClusterLog::Text& text) override {
        logged.push_back(
            {text.priority, text.pid, std::string(text.ident), std::string(text.tag), std::string(text.message)});
    }
    std::optional<std::string> guest_properties(std::uint32_t guest, std::span<const std::string_view> names) override {
        return ipc::guest_properties(tree, guest, names);
    }

    void put(const std::string& path, std::string_view content) {
        for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
            const std::string folder = path.substr(0, slash);
            if (tree.find(folder) == nullptr) apply(Operation::make_directory(folder));
        }
        if (tree.find(path) == nullptr) apply(Operation::create(path));
        if (!content.empty()) apply(Operation::write(path, {content.begin(), content.end()}, 0, true));
    }
    void apply(const Operation& operation) {
        if (const auto outcome = tree.apply(operation, {1, 1000, 1000}); !outcome.ok())
            throw std::runtime_error(operation.path + ": " + std::to_string(outcome.result));
    }

    Tree tree{Settings::of(Era::p9)};
    std::map<std::pair<std::string, std::string>, std::string> keys;
    std::string rrd = "pve2-node/node1:1:2\n";
    std::vector<std::string> asked_files;
    std::vector<Logged> logged;
};

inline std::vector<std::uint8_t> request(std::int32_t id, std::string_view body = {}) {
    const RequestHeader header{.id = id, .size = static_cast<std::int32_t>(sizeof(RequestHeader) + body.size())};
    std::vector<std::uint8_t> message(sizeof header + body.size());
    std::memcpy(message.data(), &header, sizeof header);
    std::copy(body.begin(), body.end(), message.begin() + sizeof header);
    return message;
}

// Bodies. Each text is followed by its NUL.
inline std::string text(std::string_view text) {
    return std::string(text) + '\0';
}
inline std::string number(std::uint32_t value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}
inline std::string name(std::string_view text) {
    std::string place(text);
    place.resize(256);
    return place;
}
inline std::string log_line(std::uint8_t priority, std::string_view ident, std::string_view tag,
                            std::string_view message) {
    std::string body{static_cast<char>(priority), static_cast<char>(ident.size() + 1),
                     static_cast<char>(tag.size() + 1)};
    return body + text(ident) + text(tag) + text(message);
}
inline std::string property_names(std::uint32_t guest, std::initializer_list<std::string_view> names) {
    std::string body = number(guest) + static_cast<char>(names.size());
    for (const auto& one : names)
        body += text(one);
    return body;
}

}  // namespace cfs::ipc::test
