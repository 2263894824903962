#pragma once
// How much a node sends in a token visit, and how much of it behind the token.
//
// In a ring with nodes of other kinds the limits are the configured ones. In a ring of ours they grow while there is
// more to send than they let through, up to what the sockets of all members hold, and shrink again when more is
// missing than one token can ask for: loss by chance is repaired in a rotation, loss by overrun is not.
// Limits are local: nodes with different ones coexist (totem-srp.md section 9).
//
// Who sends what it can yields to who waits for each message: while there is such a member, it sends little a visit,
// and all of that behind the token. The rotation that the other waits for then takes a few packets, not hundreds.
//
// Behind the token: totem-srp.md section 25, the accelerated ring.
//
// The token itself stays for a while with who sends alone and one message at a time: its next one then leaves at once.
// It passes on when others ask for it, when more than one message comes at a time, which a rotation would pack
// together, and in time to be acknowledged (token_hold.cpp). With who sends a stream it stays and gathers what comes,
// so that others are not woken for every portion of it (stream.hpp). Beside nodes of other kinds, which cannot ask for
// it, it stays for about a rotation of theirs.

#include <algorithm>
#include <cstdint>

#include "totem/base/time.hpp"
#include "totem/srp/interactive.hpp"
#include "totem/srp/parameters.hpp"
#include "totem/srp/stream.hpp"
#include "totem/wire/types.hpp"

namespace totem::srp {

struct PaceOptions {
    bool accelerated = false;      // part of the messages follows the token; not where networks are redundant
    bool adaptive_window = false;  // limits grow in a ring of ours
    bool early_requests = false;   // and what is missing, message or token, is asked for or sent again at once
    bool watch_processes = false;  // and closed ports are taken as a hint (Ring::port_closed())
    bool hold_at_sender = false;   // and the token stays with who sent last, not with the representative

    bool operator==(const PaceOptions&) const = default;
};

// What the members of a ring have in common.
struct Companionship {
    std::uint32_t headroom = 0;   // messages that the sockets of all hold; 0 if not all are ours
    bool hold_at_sender = false;  // all know where the token stays

    bool operator==(const Companionship&) const = default;
};

struct Limits {
    std::uint32_t window_size;   // messages per rotation, whole ring
    std::uint32_t max_messages;  // messages per token visit, one node
};

class Pace {
public:
    explicit Pace(const PaceOptions& options) : options_(options) {}

    // A new membership.
    void begin(const Companionship& members) {
        *this = Pace(options_);
        headroom_ = members.headroom;
        hold_at_sender_ = options_.hold_at_sender && members.hold_at_sender && among_companions();
    }
    // All members are ours.
    bool among_companions() const { return headroom_ > 0; }

    Limits limits(const Parameters& parameters) const {
        const std::uint64_t share = std::uint64_t{extra_} * parameters.max_messages / parameters.window_size;
        const std::uint32_t most = parameters.max_messages + static_cast<std::uint32_t>(share);
        return {parameters.window_size + extra_, yields() ? std::min(most, kMostWhileYielding) : most};
    }

    // Every message, as InteractiveSenders takes it.
    void delivered(NodeId originator) { interactive_.delivered(originator); }

    // As StreamGathering takes it.
    void sent(Instant now, std::uint32_t messages, bool alone) {
        if (hold_at_sender_) stream_.sent(now, messages, alone);
    }

    // Once per visit: how many messages the token asks for, and whether the limits held messages back.
    void observe(const Parameters& parameters, std::uint32_t requested, bool held_back) {
        if (requested > 0) lossy_visits_ = kLossyVisits;
        if (lossy_visits_ > 0) --lossy_visits_;
        if (settling_ > 0) --settling_;
        interactive_.visited();
        const std::uint32_t most = std::min(headroom_, kMostMessages);
        if (!options_.adaptive_window || most <= parameters.window_size) return;
        if (requested >= kMaxRtrEntries && settling_ == 0) {
            extra_ /= 2;
            settling_ = kSettlingVisits;
        } else if (held_back && !yields() && requested < kMaxRtrEntries / 2) {
            const std::uint32_t step = std::max((parameters.window_size + extra_) / 4, 1U);
            extra_ = std::min(extra_ + step, most - parameters.window_size);
        }
    }

    // Whether another member waits for each of its messages, longer the more we send.
    bool yields() const { return options_.adaptive_window && among_companions() && interactive_.present(); }

    // How many of `count` messages of a visit follow the token (25.1 rule 7).
    std::uint32_t behind_token(std::uint32_t count, std::size_t members) const {
        if (!options_.accelerated || members < 3) return 0;
        if (among_companions()) return yields() && count > InteractiveSenders::kFew ? count : count / 2;
        return lossy_visits_ > 0 ? 0 : std::min(count / 2, kMostBehindToken);
    }

    // Whether a missing message is to be asked for at the first visit that misses it, if the token counted it at the
    // visit before already (25.1 rule 4).
    bool asks_at_once() const { return options_.early_requests && among_companions(); }
    // When the token of a busy ring is sent again, the next time later: who has it may only be slow.
    Duration soon(const Parameters& parameters, Duration rotation, std::uint64_t resent) const {
        const Duration longest = std::chrono::milliseconds(token_retransmit(parameters));
        const Duration first = std::max(kRotationsUntilLost * rotation, kSoonest);
        constexpr std::uint64_t kDoublings = 8;
        return std::min(longest, first * (1 << std::min(resent, kDoublings)));
    }
    // Whether a member whose process seems to be gone is looked after at once.
    bool watches_processes() const { return options_.watch_processes && among_companions(); }

    // Whether the token of an idle ring stays with who sent last. Then it does so after a few rotations already: what a
    // later message of that node waits for is nothing.
    bool holds_at_sender() const { return hold_at_sender_; }
    std::uint32_t unchanged_limit(const Parameters& parameters) const {
        return hold_at_sender_ ? std::min(parameters.seqno_unchanged_const, kFewRotations)
                               : parameters.seqno_unchanged_const;
    }
    // Whether who holds the token and gets something to send sends it at once. The others cannot tell.
    bool sends_while_holding() const { return options_.hold_at_sender; }
    // How many messages may go out, and for how long, before the token has to be acknowledged by a rotation. None while
    // messages are lost: those who miss one learn it from the token.
    std::uint32_t most_while_holding(const Parameters& parameters) const {
        if (lossy_visits_ > 0) return 0;
        if (hold_at_sender_) return std::min(headroom_ / 2, kMostWhileHolding);
        return sends_while_holding() ? std::min(parameters.max_messages, kMostBesideOthers) : 0;
    }
    // How many may, then, where flow control allows `by_flow`: more only in a ring of ours.
    std::uint32_t allowed_while_holding(const Parameters& parameters, std::uint32_t by_flow) const {
        return hold_at_sender_ ? std::max(by_flow, most_while_holding(parameters)) : by_flow;
    }
    Duration longest_stay(const Parameters& parameters) const {
        const Duration among_ours = std::min<Duration>(kLongestStay, std::chrono::milliseconds(parameters.hold) / 4);
        return hold_at_sender_ ? among_ours : std::min(among_ours, kLongestBesideOthers);
    }
    // And how long for its next message.
    Duration longest_wait(const Parameters& parameters) const {
        return hold_at_sender_ ? longest_stay(parameters) : kLongestWaitBesideOthers;
    }
    // Whether it also stays where messages come together, and those that come then are gathered.
    bool gathers() const { return stream_.active() && !yields(); }
    // A process that is gone is noticed when the token is passed to it. So the token does not rest long, and is sent
    // again soon, as who had it may be gone. Both are what corosync 2.x takes with a token timeout of a second.
    std::uint32_t hold(const Parameters& parameters) const {
        return watches_processes() ? std::min(parameters.hold, kLongestHold) : parameters.hold;
    }
    std::uint32_t token_retransmit(const Parameters& parameters) const {
        return watches_processes() ? std::min(parameters.token_retransmit, kLongestRetransmit)
                                   : parameters.token_retransmit;
    }

private:
    // A rotation should stay short beside the token timeout, also where datagrams leave one by one.
    static constexpr std::uint32_t kMostMessages = 1024;
    static constexpr std::uint32_t kMostBehindToken = 10;
    // Still more than corosync sends beside somebody who waits: its rotations take longer.
    static constexpr std::uint32_t kMostWhileYielding = 8;
    static constexpr std::uint32_t kLossyVisits = 64, kSettlingVisits = 4;
    static constexpr std::uint32_t kFewRotations = 3;
    static constexpr int kRotationsUntilLost = 4;
    static constexpr Duration kSoonest = std::chrono::milliseconds(5);  // a process may have to wait for a processor
    // More than go out in the longest stay, but of the largest messages.
    static constexpr std::uint32_t kMostWhileHolding = 1024;
    static constexpr Duration kLongestStay = std::chrono::milliseconds(20);
    static constexpr std::uint32_t kMostBesideOthers = 8;
    static constexpr Duration kLongestBesideOthers = std::chrono::microseconds(500);
    static constexpr Duration kLongestWaitBesideOthers = std::chrono::microseconds(150);
    static constexpr std::uint32_t kLongestHold = 180, kLongestRetransmit = 238;  // ms

    PaceOptions options_;
    std::uint32_t headroom_ = 0;
    bool hold_at_sender_ = false;
    std::uint32_t extra_ = 0;  // of the window, beyond what is configured
    std::uint32_t lossy_visits_ = 0, settling_ = 0;
    InteractiveSenders interactive_;
    StreamGathering stream_;
};

}  // namespace totem::srp
