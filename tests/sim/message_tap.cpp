#include "tests/sim/message_tap.hpp"

#include "tests/sim/hash.hpp"
#include "tests/sim/node.hpp"

namespace totem::sim {

void MessageTap::on_exec(std::uint32_t function, NodeId sender, ByteOrder order, Bytes message) {
    node_.around_.cpg.message_begins(node_.who_, mix(sender, hash_bytes(message)));
    behind_.on_exec(function, sender, order, message);
    node_.around_.cpg.message_ends(node_.who_);
}

}  // namespace totem::sim
