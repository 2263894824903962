// From causes to sentences.
#include <algorithm>

#include "engine/why/words.hpp"

namespace engine::why {
namespace {

struct Context {
    const Record& record;
    const Names& names;

    std::string who(const Cause& cause) const { return list(cause.nodes, names); }
    const Evidence* find(EvidenceKind kind) const {
        for (const Evidence& item : record.evidence) {
            if (item.kind == kind) return &item;
        }
        return nullptr;
    }
};

std::string reason(const Evidence* item) {
    return item == nullptr || item->detail.empty() ? "" : fmt::format(" ({})", item->detail);
}

const char* they(const Cause& cause) {
    return cause.nodes.size() == 1 ? "it" : "they";
}

// What is known of the way of the lost token. The certain first, then the suspicion.
std::string way_of_token(const Cause& cause, const Context& c) {
    const Evidence* passed = c.find(EvidenceKind::token_passed);
    const Evidence* reached = c.find(EvidenceKind::token_reached);
    if (passed == nullptr || cause.suspects.empty()) return "";
    std::string out = fmt::format(" This node had passed the token to {}", c.names(passed->node));
    if (reached != nullptr) {
        out += fmt::format(", and a message heard later shows that it came as far as {}", c.names(reached->node));
    }
    out += fmt::format("; it was lost at or behind {}.", c.names(cause.suspects.front()));
    for (const NodeId node : cause.nodes) {
        if (std::find(cause.suspects.begin(), cause.suspects.end(), node) != cause.suspects.end()) continue;
        out += fmt::format(" {} had passed it on by then.", capital(c.names(node)));
    }
    return out;
}

std::string without_token(const Cause& cause) {
    return cause.milliseconds ? fmt::format("the token did not come for {}", duration(*cause.milliseconds))
                              : "the ring gathered";
}

std::string start_up(const Context& c) {
    if (c.record.joined.empty()) return "This node started, and formed a ring alone.";
    return fmt::format("This node started, and formed a ring with {}.", list(c.record.joined, c.names));
}

std::string own_pause(const Cause& cause, const Context& c) {
    std::string out =
        fmt::format("This node's own process was not scheduled for {}", duration(cause.milliseconds.value_or(0)));
    out += "; that explains the interruption, and nothing here speaks against another node.";
    if (!c.record.left.empty()) {
        out += fmt::format(" {} went on without it.", capital(list(c.record.left, c.names)));
    }
    return out;
}

std::string peer_silent(const Cause& cause, const Context& c) {
    return fmt::format(
               "{} stopped answering without saying that it leaves: {}, and it did not take part when the ring "
               "gathered again.",
               capital(c.who(cause)), without_token(cause)) +
           (c.find(EvidenceKind::port_closed) ? " Its host said that no process has its port open: it had ended."
                                              : "") +
           way_of_token(cause, c);
}

std::string network_split(const Cause& cause, const Context& c) {
    const std::size_t here = c.record.members.size();
    std::string out = fmt::format(
        "{} stopped answering all at once: {}. They ended together, or the network between "
        "them and this node failed.",
        capital(c.who(cause)), without_token(cause));
    if (cause.nodes.size() >= here) {
        out += " This node is not with the larger part; its own connection is the first to look at.";
    }
    return out + way_of_token(cause, c);
}

std::string token_lost(const Cause& cause, const Context& c) {
    return fmt::format(
               "The token was lost for {}, but everybody is still there: a node or the network was too slow, or "
               "packets got lost.",
               duration(cause.milliseconds.value_or(0))) +
           way_of_token(cause, c);
}

std::string votes_announced(const Cause& cause, const Context& c) {
    const Evidence* item = c.find(EvidenceKind::votes_announced);
    return fmt::format("{} announced other votes{}.", capital(c.who(cause)), reason(item));
}

std::string device_changed(const Context& c) {
    const Votes before = c.record.before.value_or(Votes{}), after = c.record.after.value_or(Votes{});
    if (!after.device_registered) return "The quorum device of this node was unregistered.";
    if (!before.device_registered) return "A quorum device was registered on this node.";
    if (before.device_alive && !after.device_alive) return "The quorum device of this node stopped to call in time.";
    return after.device_casts ? "The quorum device gives its votes to this node."
                              : "The quorum device does not give its votes to this node.";
}

std::string action_by(const Cause& cause, const Context& c, const char* what) {
    return fmt::format("{} {}.", cause.nodes.empty() ? "Somebody" : capital(c.who(cause)), what);
}

std::string expected_votes_set(const Cause& cause, const Context& c) {
    const Evidence* item = c.find(EvidenceKind::expected_votes_set);
    return fmt::format("Expected votes were set to {} on {}.",
                       item != nullptr ? item->count.value_or(0) : std::uint64_t{0}, c.who(cause));
}

std::string node_votes_set(const Cause& cause, const Context& c) {
    const Evidence* item = c.find(EvidenceKind::node_votes_set);
    if (item == nullptr) return action_by(cause, c, "set the votes of a node");
    return fmt::format("The votes of {} were set to {} on {}.", list(item->nodes, c.names), item->count.value_or(0),
                       c.who(cause));
}

std::string unknown(const Context& c) {
    if (c.record.kind != Kind::membership) return "The votes changed; nothing tells why.";
    return fmt::format("The ring was formed anew; nothing tells why{}.", reason(c.find(EvidenceKind::gather)));
}

std::string of_end(const Cause& cause, const Context& c) {
    switch (cause.kind) {
        case CauseKind::killed:
            return fmt::format("This node ended because {} killed it{}.", c.who(cause),
                               reason(c.find(EvidenceKind::killed)));
        case CauseKind::config_version:
            return "This node ended because another node has a newer version of the configuration.";
        default:
            return c.find(EvidenceKind::shut_down) != nullptr
                       ? "This node was shut down by an administrator's tool, and left the ring."
                       : "This node was stopped, and left the ring.";
    }
}

std::string of_membership(const Cause& cause, const Context& c) {
    switch (cause.kind) {
        case CauseKind::start_up:
            return start_up(c);
        case CauseKind::own_pause:
            return own_pause(cause, c);
        case CauseKind::self_failed_to_receive:
            return "This node could not receive what the others had sent, and left the ring to form another.";
        case CauseKind::peer_failed_to_receive:
            return fmt::format("{} said that {} cannot receive what the others send.", capital(c.who(cause)),
                               they(cause));
        case CauseKind::forced:
            return "Somebody asked this node to form the ring anew.";
        case CauseKind::interface_changed:
            return "The network interface of this node changed or came back.";
        case CauseKind::left_announced:
            return fmt::format("{} left, having said so.", capital(c.who(cause)));
        case CauseKind::network_split:
            return network_split(cause, c);
        case CauseKind::peer_silent:
            return peer_silent(cause, c);
        case CauseKind::excluded:
            return fmt::format(
                "{} no longer counted this node in: what this node sends does not arrive, though {} "
                "could be heard here.",
                capital(c.who(cause)), they(cause));
        case CauseKind::token_lost:
            return token_lost(cause, c);
        case CauseKind::peer_started:
            return fmt::format("{} started and joined.", capital(c.who(cause)));
        case CauseKind::rings_merged:
            return fmt::format("{} came with another ring: the two had run apart and merged.", capital(c.who(cause)));
        case CauseKind::peer_joined:
            return fmt::format("{} joined; whether {} started or had run apart is not known.", capital(c.who(cause)),
                               they(cause));
        default:
            return unknown(c);
    }
}

std::string of_quorum(const Cause& cause, const Context& c) {
    switch (cause.kind) {
        case CauseKind::expected_votes_set:
            return expected_votes_set(cause, c);
        case CauseKind::node_votes_set:
            return node_votes_set(cause, c);
        case CauseKind::wait_for_all_cancelled:
            return action_by(cause, c, "ended the waiting for all nodes");
        case CauseKind::device_changed:
            return device_changed(c);
        case CauseKind::reloaded:
            return action_by(cause, c, "had all nodes reload their configuration");
        case CauseKind::keys_changed:
            return "Keys of quorum or of the node list were changed in the configuration map of this node.";
        case CauseKind::peer_votes_changed:
            return votes_announced(cause, c);
        default:
            return unknown(c);
    }
}

std::string one(const Cause& cause, const Context& c) {
    if (c.record.kind == Kind::stop) return of_end(cause, c);
    return c.record.kind == Kind::membership ? of_membership(cause, c) : of_quorum(cause, c);
}

}  // namespace

std::string sentence(const Record& record, const Names& names) {
    const Context context{record, names};
    std::string out = one(record.cause, context);
    for (const Cause& cause : record.also)
        out += " Also: " + one(cause, context);
    return one_line(std::move(out));
}

}  // namespace engine::why
