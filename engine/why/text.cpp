// What surrounds the sentence: outcome, evidence, counters.
#include "engine/why/text.hpp"

#include "engine/why/words.hpp"

namespace engine::why {
namespace {

std::string numbers(const Votes& votes) {
    return fmt::format("{} of {} votes, {} needed{}", votes.votes, votes.expected, votes.quorum,
                       votes.waiting_for_all ? ", waiting for all" : "");
}

std::string quorum(const Record& record) {
    if (!record.after) return "";
    const Votes& now = *record.after;
    const bool before = record.before && record.before->quorate;
    const char* verdict = now.quorate ? (before ? "kept" : "gained") : (before ? "lost" : "not there");
    std::string out = fmt::format("Quorum {}: {}", verdict, numbers(now));
    if (record.before && numbers(*record.before) != numbers(now))
        out += fmt::format(" (was {})", numbers(*record.before));
    return out + ".";
}

std::string text_of_token(const Evidence& e, const Names& names) {
    switch (e.kind) {
        case EvidenceKind::token_lost:
            return fmt::format("the token was given up after {}", duration(e.milliseconds.value_or(0)));
        case EvidenceKind::token_received:
            return e.node == 0 ? "the token was here for the last time"
                               : fmt::format("the token came from {} for the last time", names(e.node));
        case EvidenceKind::token_passed:
            return fmt::format("this node passed the token to {}{}", names(e.node),
                               e.count ? fmt::format(", and sent it again {}", counted(*e.count, "time")) : "");
        case EvidenceKind::token_kept:
            return "this node kept the token, the ring being idle";
        case EvidenceKind::token_reached:
            return fmt::format("{} sent a message, so the token had come that far", names(e.node));
        default:
            return fmt::format("the token had not come for {}", duration(e.milliseconds.value_or(0)));
    }
}

std::string text_of_ring(const Evidence& e, const Names& names) {
    switch (e.kind) {
        case EvidenceKind::leave_announced:
            return fmt::format("{} said that it leaves", names(e.node));
        case EvidenceKind::joined_alone:
            return fmt::format("{} said that it is there and knows nobody: it starts", names(e.node));
        case EvidenceKind::named_failed:
            return fmt::format("{} was counted as failed by {}", names(e.node), list(e.nodes, names));
        case EvidenceKind::cannot_receive:
            return fmt::format("{} said that it cannot receive", names(e.node));
        case EvidenceKind::port_closed:
            return fmt::format("the host of {} said that no process has its port open", names(e.node));
        case EvidenceKind::foreign_ring:
            return fmt::format("{} was heard on another ring, {}", names(e.node), e.detail);
        case EvidenceKind::previous_ring:
            return fmt::format("ring {} was where {} came from", e.detail, list(e.nodes, names));
        case EvidenceKind::gather:
            return fmt::format("the ring gathered: {}", e.detail);
        case EvidenceKind::forced_gather:
            return "forming the ring anew was asked for";
        default:
            return "the network interface changed or came back";
    }
}

std::string text_of_action(const Evidence& e, const Names& names) {
    const std::string who = e.node != 0 ? names(e.node) : "somebody";
    switch (e.kind) {
        case EvidenceKind::killed:
            return fmt::format("{} asked this node to end: {}", who, e.detail);
        case EvidenceKind::config_version:
            return fmt::format("another node has a newer version of the configuration ({})", e.detail);
        case EvidenceKind::shut_down:
            return "an administrator's tool shut this node down";
        case EvidenceKind::reload_requested:
            return fmt::format("{} asked all nodes to reload their configuration", who);
        case EvidenceKind::expected_votes_set:
            return fmt::format("{} set expected votes to {}", who, e.count.value_or(0));
        case EvidenceKind::node_votes_set:
            return fmt::format("{} set the votes of {} to {}", who, list(e.nodes, names), e.count.value_or(0));
        case EvidenceKind::wait_for_all_cancelled:
            return fmt::format("{} ended the waiting for all nodes", who);
        case EvidenceKind::device_operation:
            return fmt::format("{}: {}", who, e.detail);
        case EvidenceKind::keys_changed:
            return "keys of quorum or nodelist were changed in the map of this node";
        default:
            return fmt::format("{} announced its votes ({})", who, e.detail);
    }
}

std::string without_count(const Evidence& e, const Names& names) {
    switch (e.kind) {
        case EvidenceKind::unknown:
            return "something this program does not know";
        case EvidenceKind::own_pause:
            return fmt::format("this node's process had not been scheduled for {}",
                               duration(e.milliseconds.value_or(0)));
        case EvidenceKind::token_lost:
        case EvidenceKind::token_received:
        case EvidenceKind::token_passed:
        case EvidenceKind::token_kept:
        case EvidenceKind::token_reached:
        case EvidenceKind::token_late:
            return text_of_token(e, names);
        case EvidenceKind::leave_announced:
        case EvidenceKind::joined_alone:
        case EvidenceKind::named_failed:
        case EvidenceKind::cannot_receive:
        case EvidenceKind::port_closed:
        case EvidenceKind::foreign_ring:
        case EvidenceKind::previous_ring:
        case EvidenceKind::gather:
        case EvidenceKind::forced_gather:
        case EvidenceKind::interface_changed:
            return text_of_ring(e, names);
        default:
            return text_of_action(e, names);
    }
}

std::string heading(const Record& record) {
    return fmt::format("{}  change {}{}\n", time_text(record.at), record.sequence,
                       record.new_ring.empty() ? "" : fmt::format(", ring {}", one_line(record.new_ring)));
}

}  // namespace

std::string outcome(const Record& record, const Names& names) {
    std::string out;
    if (record.kind == Kind::membership) {
        out = record.members.size() == 1 ? "This node is alone now."
                                         : fmt::format("Members now: {}.", list(record.members, names));
        if (record.cause.kind != CauseKind::start_up) {
            out += fmt::format(" The ring stood still for {}.", duration(record.outage));
        }
        if (!record.synchronized) out += " The next change came before the services were synchronised.";
    }
    const std::string verdict = record.kind == Kind::stop ? "" : quorum(record);
    if (!out.empty() && !verdict.empty()) out += ' ';
    return out + verdict;
}

std::string text_of(const Evidence& evidence, const Names& names) {
    std::string out = without_count(evidence, names);
    if (evidence.times > 1) out += fmt::format(" ({} times)", evidence.times);
    return one_line(std::move(out));
}

std::string text_of(const Counters& counters) {
    std::string out;
    const auto add = [&out](std::uint64_t count, const std::string& text) {
        if (count > 0) out += (out.empty() ? "" : ", ") + text;
    };
    add(counters.retransmit_tokens, fmt::format("{} asked for {} again", counted(counters.retransmit_tokens, "token"),
                                                counted(counters.retransmit_requests, "message")));
    add(counters.malformed, counted(counters.malformed, "malformed datagram"));
    add(counters.refused, counted(counters.refused, "refused datagram"));
    add(counters.unsent, counted(counters.unsent, "datagram") + " not sent");
    return out;
}

std::string paragraph(const Record& record, const Names& names) {
    std::string out = heading(record) + "  " + sentence(record, names) + '\n';
    if (const std::string line = outcome(record, names); !line.empty()) out += "  " + line + '\n';
    for (const Evidence& item : record.evidence) {
        out += fmt::format("    {}  {}\n", clock_text(item.at), text_of(item, names));
    }
    if (record.evidence_dropped > 0) {
        out += fmt::format("    and {} more for which there was no room\n", record.evidence_dropped);
    }
    if (const std::string line = text_of(record.counters); !line.empty()) {
        out += fmt::format("    since the change before: {}\n", line);
    }
    return out;
}

}  // namespace engine::why
