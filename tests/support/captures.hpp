#pragma once
// The reference captures in tests/data/captures (README.md there).

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/pcap.hpp"
#include "totem/wire/types.hpp"

namespace totem::test {

std::filesystem::path data_directory();  // tests/data

struct Capture {
    std::string name;      // "2x-udp-passive-ring1fault"
    std::string config;    // "2x-udp-passive": configuration and key are CONFIG.conf and CONFIG.authkey
    std::string scenario;  // "ring1fault"
    Dialect dialect{};
    bool encrypted = false;
    std::filesystem::path path;

    std::vector<Datagram> datagrams() const { return read_pcap(path); }
};

// All captures, by name. Throws std::runtime_error if there are none.
std::vector<Capture> captures();
std::vector<Capture> plain_captures();  // those without encryption
Capture capture(const std::string& name);

}  // namespace totem::test
