#pragma once
// UDP datagrams out of capture files.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "totem/wire/types.hpp"

namespace totem::test {

struct Datagram {
    std::chrono::microseconds time{};  // since the epoch, of the (last) frame
    std::size_t frame = 0;             // number of the (last) frame in the file, from 1
    NodeAddress source, destination;   // nodeid 0
    std::uint16_t source_port = 0, destination_port = 0;
    std::vector<std::uint8_t> payload;
};

// All UDP datagrams of an Ethernet capture over IPv4 or IPv6, in order; IPv4 fragments are put
// together, everything else is left out. Throws std::runtime_error if the file can't be read.
std::vector<Datagram> read_pcap(const std::filesystem::path& file);

}  // namespace totem::test
