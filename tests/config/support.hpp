#pragma once
// A host of the tests' choosing, and short ways to configurations and their errors.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "engine/config/build.hpp"
#include "engine/config/reader.hpp"
#include "totem/wire/derivation.hpp"

namespace engine::config {

class FakeHost final : public Host {
public:
    // {"10.77.0.1", "255.255.255.0"}
    FakeHost& with_address(const std::string& address, const std::string& netmask) {
        addresses_.push_back(
            {totem::wire::parse_address(address).value(), totem::wire::parse_address(netmask).value()});
        return *this;
    }
    FakeHost& with_name(std::string name) {
        name_ = std::move(name);
        return *this;
    }
    FakeHost& knowing(const std::string& name, const std::vector<std::string>& addresses) {
        for (const auto& text : addresses)
            known_[name].push_back(totem::wire::parse_address(text).value());
        return *this;
    }
    FakeHost& with_reverse(const std::string& address, const std::string& name) {
        reverse_[address] = name;
        return *this;
    }

    std::string name() const override { return name_; }
    std::vector<LocalAddress> addresses() const override { return addresses_; }
    std::vector<totem::NodeAddress> resolve(const std::string& name, Family family) const override {
        std::vector<totem::NodeAddress> candidates;
        if (const auto number = totem::wire::parse_address(name)) {
            candidates.push_back(*number);
        } else if (const auto found = known_.find(name); found != known_.end()) {
            candidates = found->second;
        }
        std::erase_if(candidates, [family](const totem::NodeAddress& address) {
            return family != Family::any &&
                   address.family != (family == Family::ipv4 ? totem::NodeAddress::kIpv4 : totem::NodeAddress::kIpv6);
        });
        return candidates;
    }
    std::optional<std::string> reverse(const totem::NodeAddress& address) const override {
        const auto found = reverse_.find(address.text());
        return found == reverse_.end() ? std::nullopt : std::optional<std::string>(found->second);
    }

private:
    std::string name_ = "somewhere.example.org";
    std::vector<LocalAddress> addresses_;
    std::map<std::string, std::vector<totem::NodeAddress>> known_;
    std::map<std::string, std::string> reverse_;
};

inline FakeHost host_at(const std::string& address) {
    return FakeHost().with_address(address, "255.255.255.0");
}

struct Outcome {
    cmap::Map map;
    std::vector<std::string> warnings;
    ClusterConfig config;
    std::string error;  // empty: it worked
    int exit_code = 0;
};

inline File file_of(const std::string& text) {
    return {"t.conf", text, choose_dialect(text).dialect};
}

// Reads only.
inline Outcome read(const std::string& text) {
    Outcome outcome;
    try {
        read_config(file_of(text), outcome.map, outcome.warnings);
    } catch (const Error& error) {
        outcome.error = error.what();
        outcome.exit_code = error.exit_code();
    }
    return outcome;
}

// Reads and builds.
inline Outcome load(const std::string& text, const Host& host) {
    Outcome outcome = read(text);
    if (!outcome.error.empty()) return outcome;
    try {
        outcome.config = build(outcome.map, choose_dialect(text).dialect, host, outcome.warnings);
    } catch (const Error& error) {
        outcome.error = error.what();
        outcome.exit_code = error.exit_code();
    }
    return outcome;
}

inline std::string read_error(const std::string& text) {
    return read(text).error;
}
inline std::string load_error(const std::string& text, const Host& host) {
    return load(text, host).error;
}

// One line per statement, as the grammar wants it: "totem { version: 2 }" with each token its own argument.
inline std::string lines(std::initializer_list<std::string> statements) {
    std::string text;
    for (const auto& statement : statements)
        text += statement + '\n';
    return text;
}

inline std::string section(const std::string& name, std::initializer_list<std::string> statements) {
    return name + " {\n" + lines(statements) + "}\n";
}

// Nodes 10.77.0.1 .. 10.77.0.count with ids 1 .. count.
inline std::string nodelist(unsigned count) {
    std::string nodes = "nodelist {\n";
    for (unsigned i = 1; i <= count; ++i) {
        nodes += section("node", {"nodeid: " + std::to_string(i), "ring0_addr: 10.77.0." + std::to_string(i)});
    }
    return nodes + "}\n";
}

inline std::uint32_t u32(const cmap::Map& map, const std::string& key) {
    return map.get_number<std::uint32_t>(key).value_or(0xDEAD);
}

// An environment variable for the length of a test.
class Variable {
public:
    Variable(std::string name, const std::string& value) : name_(std::move(name)) {
        setenv(name_.c_str(), value.c_str(), 1);
    }
    ~Variable() { unsetenv(name_.c_str()); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    std::string name_;
};

class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& content)
        : path_(testing::TempDir() + "totemd-" + std::to_string(getpid()) + "-" + std::to_string(next_++)) {
        std::ofstream(path_, std::ios::binary) << content;
    }
    ~TemporaryFile() { std::remove(path_.c_str()); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    const std::string& path() const { return path_; }

private:
    static inline unsigned next_ = 0;
    std::string path_;
};

}  // namespace engine::config
