#include "tests/sim/message_tap.hpp"

#include "tests/sim/hash.hpp"
#include "tests/sim/node.hpp"

namespace totem::sim {

void MessageTap::on_exec(std::uint32_t function, NodeId sender, ByteOrder order, Bytes message) {
    if (node_.silent()) return;
    node_.around_.trace.line(node_.around_.now, node_.id(), "service message {} of {}, {} bytes", function, sender,
                             message.size());
    node_.around_.cpg.message_begins(node_.who_, mix(sender, hash_bytes(message)));
    behind_.on_exec(function, sender, order, message);
    node_.around_.cpg.message_ends(node_.who_);
}

}  // namespace totem::sim
