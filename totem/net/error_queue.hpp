#pragma once
// What the kernel keeps of ICMP answers to our datagrams (IP_RECVERR).

#include <vector>

#include "totem/wire/types.hpp"

namespace totem::net {

// Empties the error queue of `fd`. Returns the addresses at which a datagram was refused because nobody has the port
// open; other errors say nothing about the process there.
std::vector<NodeAddress> read_refusals(int fd);

}  // namespace totem::net
