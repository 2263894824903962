// The input is a sequence of configurations, tokens and messages for the synchroniser of node 1 with
// three services: our own messages coming back, and service lists and barriers of others, bent or not.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "tests/fuzz/input.hpp"
#include "tests/fuzz/port.hpp"
#include "totem/sync/messages.hpp"
#include "totem/sync/synchronizer.hpp"

using namespace totem;
using fuzz::Input;

namespace {

constexpr std::size_t kMaxEvents = 2000;
constexpr NodeId kSelf = 1;
using Buffer = std::vector<std::uint8_t>;

// Insists on what every service is promised: init, then process, then activate or abort.
class Service final : public sync::Participant {
public:
    Service(std::uint32_t id, const bool& ready) : id_(id), ready_(ready) {}

    std::uint32_t service_id() const override { return id_; }
    std::string_view service_name() const override { return "service"; }
    void sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members, const RingId&) override {
        FUZZ_CHECK(transitional.size() <= members.size());
        for (const NodeId node : transitional) {
            FUZZ_CHECK(std::find(members.begin(), members.end(), node) != members.end());
        }
        initialised_ = true;
        done_ = false;
    }
    bool sync_process(Instant) override {
        FUZZ_CHECK(initialised_ && !done_);
        done_ = ready_;
        processing_ = true;
        return ready_;
    }
    void sync_activate(Instant) override {
        FUZZ_CHECK(initialised_);
        initialised_ = processing_ = false;
    }
    void sync_abort() override {
        FUZZ_CHECK(initialised_);
        initialised_ = processing_ = false;
    }

private:
    std::uint32_t id_;
    const bool& ready_;
    bool initialised_ = false, done_ = false, processing_ = false;
};

class Progress final : public sync::Progress {
public:
    void sync_started(const RingId&) override { running_ = true; }
    void sync_aborted() override { running_ = false; }
    void sync_completed(const RingId& ring) override {
        FUZZ_CHECK(running_ && ring == current);
        running_ = false;
        ++completed;
    }
    RingId current;
    std::size_t completed = 0;

private:
    bool running_ = false;
};

class Listener final : public pg::Listener {
public:
    void configuration(const srp::Configuration&) override {}
    void token_sent() override {}
};

class Session {
public:
    explicit Session(Input& input)
        : in_(input),
          dialect_(in_.flag() ? Dialect::v2 : Dialect::v3),
          order_(in_.order()),
          groups_({dialect_, order_, 1270}, listener_),
          synchronizer_(dialect_, order_, groups_, progress_) {
        groups_.attach(port_);
        for (Service& service : services_)
            synchronizer_.add(service);
        if (in_.flag()) configure(0);  // alone, as at process start
    }

    void run() {
        for (std::size_t i = 0; i < kMaxEvents && !in_.done(); ++i)
            event();
    }

private:
    void event() {
        switch (in_.below(8)) {
            case 0:
                return configure(in_.u8());
            case 1:
                return synchronizer_.token_sent({});
            case 2:
                groups_.token_received();
                if (!port_.empty()) deliver(kSelf, port_.take());
                return;
            case 3:
                ready_ = !ready_;
                return;
            case 4:
                port_.clear();  // lost with an abandoned ring
                return;
            case 5: {
                const NodeId from = sender();
                const ByteOrder order = in_.order();
                synchronizer_.on_message(from, order, in_.bytes());
                return;
            }
            default:
                return message();
        }
    }

    NodeId sender() { return 1 + in_.below(5); }

    void deliver(NodeId from, const Buffer& packet) {
        groups_.deliver(
            {.originator = from, .order = order_, .seq = ++seq_, .ring = progress_.current, .payload = packet});
    }

    // A whole change: both events, as totem/stack passes them on.
    void configure(std::uint8_t mask) {
        std::vector<Identity> now, together;
        std::vector<Identity> joined;
        for (NodeId id = 1; id < 6; ++id) {
            if (id != kSelf && !((mask >> id) & 1)) continue;
            const bool before =
                std::any_of(members_.begin(), members_.end(), [id](const Identity& m) { return m.nodeid == id; });
            now.push_back(node(id));
            (before ? together : joined).push_back(node(id));
        }
        RingId ring;
        ring.rep = dialect_ == Dialect::v2 ? node(1).addr[0] : NodeAddress{};
        ring.rep.nodeid = kSelf;
        ring.seq = progress_.current.seq + 4;
        using Kind = srp::Configuration::Kind;
        change({.kind = Kind::transitional, .ring = ring, .members = together, .left = {}, .joined = {}}, ring);
        change({.kind = Kind::regular, .ring = ring, .members = now, .left = {}, .joined = joined}, ring);
        members_ = now;
    }
    void change(const srp::Configuration& configuration, const RingId& ring) {
        groups_.configuration(configuration);
        synchronizer_.announce();
        progress_.current = ring;
        synchronizer_.configuration({}, configuration);
    }
    Identity node(NodeId id) const {
        Identity out = Identity::v3(id);
        if (dialect_ == Dialect::v2) {
            out.addr[0] = {id, NodeAddress::kIpv4, {10, 77, 0, static_cast<std::uint8_t>(id)}};
        }
        return out;
    }

    void message() {
        const NodeId from = sender();
        RingId ring = progress_.current;
        if (in_.below(8) == 0) ring.seq += in_.step();
        Buffer bytes(sync::kMaxMessageSize);
        if (in_.flag()) {
            bytes.resize(sync::encode_barrier(dialect_, ring, order_, bytes));
        } else {
            std::vector<std::uint32_t> ids;
            const std::uint32_t count = in_.below(6);
            for (std::uint32_t i = 0; i < count; ++i)
                ids.push_back(in_.below(80));
            bytes.resize(sync::encode_service_build(dialect_, ring, ids, order_, bytes));
        }
        FUZZ_CHECK(!bytes.empty());
        if (in_.below(4) == 0) {
            const std::size_t at = in_.u16() % bytes.size();
            bytes[at] = in_.u8();
        }
        if (in_.below(8) == 0) bytes.resize(in_.u16() % (bytes.size() + 1));
        synchronizer_.on_message(from, order_, bytes);
    }

    Input& in_;
    const Dialect dialect_;
    const ByteOrder order_;
    bool ready_ = true;
    std::array<Service, 3> services_{Service{0, ready_}, Service{2, ready_}, Service{5, ready_}};
    fuzz::Port port_;
    Listener listener_;
    Progress progress_;
    pg::ProcessGroups groups_;
    sync::Synchronizer synchronizer_;
    std::vector<Identity> members_;
    std::uint32_t seq_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    Session(input).run();
    return 0;
}
