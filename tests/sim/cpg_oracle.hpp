#pragma once
// The rules of closed process groups (totempg-sync-services.md section 10), judged by what local
// clients hear:
//   cpg view      a membership event fits the one before it; no node outside the ring, no stranger
//   cpg reason    who went with a node went because the node is down
//   cpg agree     whoever hears something of a position in the total order hears the same
//   cpg complete  ... and nobody in the group misses it
//   cpg fifo      each sender's messages in the order sent, once; own ones without a gap
//   cpg list      the process lists are equal on all nodes when the service has synchronised
//
// Positions are comparable among nodes with the same past: since the service was last synchronised
// on the same ring, or having come the same way from there ("lineage").

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <vector>

#include "engine/services/cpg/cpg_service.hpp"
#include "tests/sim/oracle.hpp"

namespace totem::sim {

// A client connection; never reused in a run.
using ClientId = std::uint32_t;

// What a message says about itself; `client` 0 if it is too short for that.
struct MessageLabel {
    ClientId client = 0;
    std::uint32_t counter = 0;  // 1, 2, ... per client
};

class CpgOracle {
public:
    CpgOracle(const Facts& facts, Verdict& verdict) : facts_(facts), verdict_(verdict) {}

    void started(Who who);
    void stopped(Who who);
    void configuration(const ConfigurationEvent& event);
    void position(Who who, std::uint32_t seq);
    // The service is about to handle one of the messages packed at this position, and has handled it.
    void message_begins(Who who, std::uint64_t hash);
    void message_ends(Who who);
    // The service has synchronised on `ring`.
    void activated(Who who, RingKey ring, std::span<const engine::cpg::Process> list);

    void opened(Who who, ClientId client, std::uint32_t group, std::uint32_t pid);
    void closed(ClientId client);
    // The client handed message number `counter` to the service.
    void submitted(ClientId client, std::uint32_t counter, std::uint64_t hash);
    void view(ClientId client, std::span<const engine::cpg::Address> members,
              std::span<const engine::cpg::Address> left, std::span<const engine::cpg::Address> joined);
    void message(ClientId client, NodeId node, std::uint32_t pid, MessageLabel label, std::uint64_t hash);

    // At the end of the run.
    void finish();
    // Every client has seen itself join.
    bool all_joined() const;
    // Of all that living clients sent, their own group has heard everything.
    bool all_heard() const;

private:
    using Member = std::pair<NodeId, std::uint32_t>;
    struct Segment {
        RingKey ring = kNoRing;
        std::uint64_t lineage = 0;
        auto operator<=>(const Segment&) const = default;
    };
    struct Place {
        std::uint32_t seq = 0;
        std::uint64_t message = 0;  // hash of the service's message; 0 while it synchronises
        std::uint32_t sub = 0;      // counts equal messages, or a client's events while the service synchronises
        auto operator<=>(const Place&) const = default;
    };
    struct Fact {
        std::uint64_t hash = 0;
        NodeId node = 0;        // the first that heard it
        bool may_miss = false;  // begun before the ring: those who joined lack its first fragments
    };
    struct Past {
        NodeId node = 0;
        bool running = true;
        std::uint64_t lineage = 0;
        RingKey ring = kNoRing;
        Segment segment;
        std::uint32_t seq = 0;
        std::uint64_t message = 0;
        std::uint32_t repetition = 0;
        std::vector<std::uint64_t> messages;  // at seq
        std::vector<NodeId> members;
        std::map<Segment, std::uint32_t> reached;  // last seq delivered in each
    };
    struct Listener {
        Life life = 0;
        NodeId node = 0;
        std::uint32_t group = 0, pid = 0;
        bool open = true, in_view = false;
        Segment closed_in;
        std::uint32_t closed_at = 0;
        Place last;
        Segment last_segment;
        std::vector<Member> view;
        bool view_complete = false;
        std::map<Segment, std::vector<Place>> heard;
        std::vector<Segment> segments_begun;  // segments that began while it was in the group
        std::map<ClientId, std::uint32_t> counters;
        struct Sent {
            RingKey ring = kNoRing;  // of the sender's configuration then
            std::uint64_t hash = 0;
        };
        std::vector<Sent> sent;  // by counter
    };
    using Log = std::map<Place, Fact>;

    void hear(Listener& listener, std::uint64_t hash, bool may_miss);
    std::vector<Member> check_view(Listener& listener, std::vector<Member> listed,
                                   std::span<const engine::cpg::Address> left,
                                   std::span<const engine::cpg::Address> joined);
    void check_reasons(const Listener& listener, std::span<const engine::cpg::Address> left);
    void check_complete(const Listener& listener);
    void check_segment(const Listener& listener, const Segment& segment, std::span<const Place> heard, bool from_start);
    void enter(Past& past, RingKey ring, std::uint64_t lineage);
    void fail(const char* rule, const Listener& listener, const std::string& text);

    const Facts& facts_;
    Verdict& verdict_;
    std::map<Life, Past> pasts_;
    std::map<ClientId, Listener> listeners_;
    std::map<std::pair<Segment, std::uint32_t>, Log> logs_;  // by segment and group
    std::map<RingKey, std::pair<NodeId, std::vector<std::tuple<std::string, NodeId, std::uint32_t>>>> lists_;
};

}  // namespace totem::sim
