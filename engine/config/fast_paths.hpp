#pragma once
// What totemd does faster than corosync on the same wire, each with a switch of its own in the section `totem`.

#include "engine/cmap/map.hpp"

namespace engine::config {

struct FastPaths {
    bool offload = true;          // totem.offload: the kernel cuts and joins datagrams
    bool accelerated = true;      // totem.accelerated: the token leaves before the last messages of a visit
    bool adaptive_window = true;  // totem.adaptive_window: in a ring of totemd's, as much as the sockets hold
    bool early_requests = true;   // totem.early_requests: there, missing messages are asked for at once
    bool hold_at_sender = true;   // totem.hold_at_sender: and the token stays with who sent last
    bool gather_requests = true;  // totem.gather_requests: what a client streams is read when the token comes
    bool watch_processes = true;  // totem.watch_processes: and a closed port makes it look after that member
    bool vector_crypto = true;    // totem.vector_crypto: packets are protected with the processor's vector instructions

    bool operator==(const FastPaths&) const = default;
};

// Throws Error for values other than yes and no.
FastPaths read_fast_paths(const cmap::Map& map);

}  // namespace engine::config
