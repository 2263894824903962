#pragma once
// The command line: every option of the original, and the long ones of the qualifier. Spec omping.md section 9.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/omping/failure.hpp"

namespace tools::omping {

using std::chrono::milliseconds;

enum class Method { asm_, ssm, broadcast };

struct QualifyOptions {
    bool on = false;
    std::uint64_t burst_count = 10000;
    std::uint64_t long_count = 600;  // seconds
    milliseconds join_timeout{60000};
    std::string cluster, conf;
    unsigned ring = 0;
    std::string json, html;
    std::optional<std::uint32_t> netmtu, token;
};

struct Options {
    int ip_version = 0;  // 0: whatever fits
    bool client_only = false, continuous = false, duplicates = true, stay = false;
    unsigned force = 0, quiet = 0, show_version = 0, verbose = 0;
    std::optional<std::uint64_t> count;
    milliseconds interval{1000};
    Method method = Method::asm_;
    std::string group;  // as given; empty: the default
    std::optional<std::uint16_t> port;
    std::optional<int> receive_buffer, send_buffer;
    std::optional<milliseconds> rate_limit;
    milliseconds duration{0};  // 0: no end
    std::uint8_t ttl = 64;
    std::optional<milliseconds> wait;  // negative: until interrupted
    std::vector<std::string> hosts;
    bool help = false, own_version = false;
    QualifyOptions qualify;

    milliseconds finishing_wait() const;
    milliseconds server_interval() const { return rate_limit.value_or(interval); }
};

// Throws Failure. What getopt finds it says itself, and the Failure has no text then.
Options parse_options(int argc, char** argv);

std::string usage_text();
std::string help_text();  // of the qualifier's options too

}  // namespace tools::omping
