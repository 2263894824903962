#include "engine/daemon/node.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <system_error>

#include "engine/daemon/node_plan.hpp"
#include "engine/daemon/say.hpp"

namespace engine {

using totem::Instant;

namespace {

// Of the wait for the token when leaving.
constexpr std::chrono::milliseconds kFarewellLimit{500};

Instant clock_now() {
    return std::chrono::steady_clock::now();
}

void tell_members(LogSink& log, std::span<const totem::NodeAddress> before, std::span<const totem::NodeAddress> now) {
    const auto tell = [&log](std::string_view what, const auto& those, const auto& others) {
        for (const totem::NodeAddress& address : those) {
            const bool both = std::any_of(others.begin(), others.end(),
                                          [&](const auto& other) { return other.same_address(address); });
            if (!both) say(log, LogLevel::notice, kTotem, "{} UDPU member {{{}}}", what, address.text());
        }
    };
    tell("removing", before, now);
    tell("adding new", now, before);
}

}  // namespace

Node::Node(boost::asio::io_context& io, const DaemonSetup& setup, std::function<void(int)> give_up)
    : io_(io),
      setup_(setup),
      log_(setup.log),
      give_up_(std::move(give_up)),
      ring_log_(setup.log, setup.config.dialect, setup.config.parameters, ring_hooks()),
      codec_(setup.config.dialect),
      protection_(setup.config),
      networks_(io, setup.config, protection_, *this),
      timer_(io),
      farewell_timer_(io) {}

Node::~Node() {
    networks_.close();
}

RingLog::Hooks Node::ring_hooks() {
    RingLog::Hooks hooks;
    // Looking at the interface may lead back into the ring, so not from inside of it.
    hooks.token_lost = [this] {
        boost::asio::post(io_, [this, alive = std::weak_ptr<int>(alive_)] {
            if (!alive.expired() && !stopped_) networks_.check_interfaces();
        });
    };
    hooks.fatal = [this](std::string_view what) {
        say(log_, LogLevel::error, kTotem, "{}", what);
        fail(exit_code::kStoreRingId);
    };
    hooks.current_sender = [this] { return networks_.current_sender().text(); };
    return hooks;
}

Services::Hooks Node::service_hooks() {
    Services::Hooks hooks;
    hooks.before_clients = [this] { stack_->set_now(clock_now()); };
    hooks.after_clients = [this] { arm(); };
    hooks.client_bursts = [this](bool begins) { client_burst(begins); };
    hooks.exit = [this](int code) { fail(code); };
    hooks.keys = protection_.keys();
    hooks.administration.totem_changed = [this](const auto& before, const auto& now) { reconfigure(before, now); };
    hooks.administration.net_counters = [this] { return networks_.counters(); };
    hooks.administration.dump_state = [this] { dump(); };
    hooks.administration.not_scheduled = [this](totem::Duration missed) { changes_->recorder().not_scheduled(missed); };
    hooks.administration.mtu = mtu_;
    return hooks;
}

// Timers use new values when next started; sockets stay as they are.
void Node::reconfigure(const config::ClusterConfig& before, const config::ClusterConfig& now) {
    if (now.transport == config::Transport::udpu) {
        for (unsigned i = 0; i < networks_.size(); ++i)
            tell_members(log_, plan_transport(before, i).members, plan_transport(now, i).members);
    }
    networks_.reconfigure(now);
    stack_->redundancy().set_parameters(now.rrp_parameters);
    if (before.parameters == now.parameters) return;
    stack_->ring().set_parameters(now.parameters);
    ring_log_.parameters(now.parameters, mtu_);
}

void Node::start() {
    // In 3.x there is none unless somebody wants it.
    if (setup_.config.dialect == totem::Dialect::v2 || setup_.config.protection.enabled()) {
        say(log_, LogLevel::notice, kTotem, "{}", protection_.text());
    }
    networks_.start();
}

// The node's machines on the addresses it bound; false if that failed and the node gave up.
bool Node::build(std::span<const totem::NodeAddress> bound) {
    try {
        const config::ClusterConfig& config = setup_.config;
        totem::Identity self = plan_identity(config, bound);
        totem::StackConfig plan = plan_stack(config, self, networks_.overhead());
        plan.socket_holds = static_cast<std::uint32_t>(networks_.holds(config.netmtu));
        ring_id_ = RingIdFile::of(config.state_dir, config.dialect, self);
        totem::srp::Host& host = *this;
        totem::StackListener& listener = *this;
        changes_.emplace(log_, config, self, networks_);
        observers_.emplace(ring_log_, changes_->recorder());
        stack_ = std::make_unique<totem::Stack>(plan, pool_, host, networks_, *observers_, listener);
        bool v2 = config.dialect == totem::Dialect::v2;
        mtu_ = static_cast<std::uint32_t>(v2 ? config.netmtu - 198 : plan.packet_size);
        services_ = std::make_unique<Services>(io_, setup_, *stack_, self, changes_->recorder(), service_hooks());
        ring_log_.parameters(config.parameters, mtu_);
        if (v2) ring_log_.redundancy(config.rrp_mode, config.rrp_parameters);
        return true;
    } catch (const PlanError& error) {
        say(log_, LogLevel::error, kTotem, "{}", error.what());
        fail(exit_code::kTotem);
    } catch (const std::exception& error) {
        say(log_, LogLevel::error, kServ, "{}", error.what());
        fail(exit_code::kServices);
    }
    return false;
}

// --- what the networks tell ---

bool Node::is_token(totem::Bytes message) const {
    totem::wire::Header header;
    return codec_.decode(message, header) == totem::wire::Drop::none && header.type == totem::wire::PacketType::token;
}

void Node::datagram(unsigned network, totem::Bytes message) {
    if (!stack_ || stopped_) return;
    // Within another's the ring itself looks for what waits in the sockets.
    const bool outermost = !std::exchange(receiving_, true);
    const bool token = outermost && is_token(message);
    if (token) services_->before_token();
    stack_->on_datagram(clock_now(), network, message);
    if (token) services_->after_token();
    if (outermost) receiving_ = false;
    arm();
}

// Behind a line about one of several networks.
std::string Node::which(unsigned network) const {
    return networks_.size() > 1 ? fmt::format(" (ring {})", network) : std::string();
}

void Node::network_up(unsigned, const totem::NodeAddress& address) {
    say(log_, LogLevel::notice, kTotem, "The network interface [{}] is now up.", address.text());
    if (!stack_) return start_stack();
    // Where the ring lives on another network it does not need a new membership; ring tests find that this one is back.
    const bool alive = networks_.size() > 1 && stack_->ring().state() == totem::srp::State::operational &&
                       stack_->ring().members().size() > 1;
    if (alive) return;
    stack_->interface_changed(clock_now());
    arm();
}

void Node::network_down(unsigned network) {
    if (stack_ || setup_.config.transport == config::Transport::udp || !networks_.all_down()) {
        say(log_, LogLevel::notice, kTotem, "The network interface is down.{}", which(network));
        if (!stack_) start_stack();
        return;
    }
    say(log_, LogLevel::error, kTotem, "No interface of this host that is up has the address {}.",
        setup_.config.interfaces[network].bindnetaddr.text());
    say(log_, LogLevel::error, kTotem,
        "One of your ip addresses are now bound to localhost. Corosync would not work correctly.");
    fail(exit_code::kTotem);
}

// Once we know who we are.
void Node::start_stack() {
    const auto bound = networks_.addresses();
    if (!bound || !build(*bound)) return;
    try {
        std::uint64_t seq = ring_id_->load();
        say(log_, LogLevel::debug, kTotem, "Created or loaded sequence id {:x} of {}", seq, ring_id_->path());
        stack_->set_now(clock_now());
        services_->start();
        stack_->start(clock_now(), seq);
    } catch (const std::system_error& error) {
        say(log_, LogLevel::error, kTotem, "{}", error.what());
        fail(exit_code::kStoreRingId);
        return;
    }
    arm();
}

void Node::port_closed(unsigned network, const totem::NodeAddress& peer) {
    if (!stack_ || stopped_) return;
    stack_->port_closed(clock_now(), network, peer);
    arm();
}

void Node::refused(totem::net::Refusal reason, const totem::NodeAddress& from, totem::Bytes datagram) {
    ring_log_.refused(reason, from, datagram);
}

void Node::trouble(std::string_view text) {
    say(log_, LogLevel::warning, kTotem, "{}", text);
}

void Node::failed(std::string_view text) {
    say(log_, LogLevel::error, kTotem, "{}", text);
    say(log_, LogLevel::error, kTotem, "Unable to create sockets, exiting");
    fail(exit_code::kTotem);
}

// --- what the ring wants done ---

bool Node::store_ring_seq(std::uint64_t seq) {
    try {
        ring_id_->store(seq);
        return true;
    } catch (const std::system_error& error) {
        say(log_, LogLevel::error, kTotem, "{}", error.what());
        return false;
    }
}

std::uint32_t Node::random_up_to(std::uint32_t bound) {
    return std::uniform_int_distribution<std::uint32_t>(0, bound)(random_);
}

// --- what the stack tells ---

void Node::configuration(const totem::srp::Configuration& change) {
    services_->configuration(change);
    services_->sync_started();
    if (change.kind != totem::srp::Configuration::Kind::regular) return;
    networks_.set_active(change.members);
    // With several networks the ring may live on while one of them goes.
    networks_.watch_interfaces(change.members.size() == 1 || networks_.size() > 1);
}

// totempg-sync-services.md section 2.
void Node::packet_dropped(totem::NodeId sender, totem::pg::PacketError error, std::size_t expected, std::size_t size) {
    if (!packet_filter_.pass(std::to_string(static_cast<int>(error)), clock_now())) return;
    if (error == totem::pg::PacketError::length_mismatch) {
        say(log_, LogLevel::warning, kTotem,
            "Message (totempg_mcast) received from node {} doesn't have expected length of {} (has {}) bytes...  "
            "Ignoring.",
            sender, expected, size);
        return;
    }
    say(log_, LogLevel::warning, kTotem, "Message ({}) received from node {} is too short...  Ignoring.",
        error == totem::pg::PacketError::too_short ? "totempg_mcast" : "totempg_mcast datasize", sender);
}

void Node::sync_process_entered() {
    say(log_, LogLevel::debug, kSync, "enter sync process");
}

void Node::sync_service_committed(std::string_view name) {
    say(log_, LogLevel::debug, kSync, "Committing synchronization for {}", name);
}

void Node::sync_completed(const totem::RingId&) {
    say(log_, LogLevel::notice, kMain, "Completed service synchronization, ready to provide service.");
    services_->sync_completed();
    changes_->recorder().synchronized();
    if (ready_) return;
    ready_ = true;
    if (setup_.ready) setup_.ready();
}

void Node::network_status(unsigned network, const totem::rrp::Status& status) {
    ring_log_.network_status(network, status, stack_->ring().self().addr[network].text());
}

void Node::ring_test_received(unsigned, const totem::wire::RingTest& test) {
    ring_log_.ring_test_received(test);
}

void Node::ring_test_activated(unsigned, const totem::wire::RingTest& test, bool recovered) {
    ring_log_.ring_test_activated(test, recovered);
}

// --- time ---

// The timer may fire early but never late: deadlines mostly move away, and re-arming it for each token
// would cost a system call each.
void Node::arm() {
    if (stopped_ || !stack_) return;
    // Not from inside of the transport.
    if (farewells_sent()) {
        boost::asio::post(io_, [this, alive = std::weak_ptr<int>(alive_)] {
            if (!alive.expired()) finish_leaving();
        });
    }
    Instant next = std::min({stack_->next_timeout(), services_->next_timeout(), changes_->recorder().next_timeout()});
    if (next <= stack_->now()) return serving_ ? void() : work_off_soon();
    if (next >= armed_) return;
    armed_ = next;
    timer_.expires_at(next);
    timer_.async_wait([this, alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& cancelled) {
        if (cancelled || alive.expired()) return;
        armed_ = totem::kNever;
        // What was gathered may be due.
        services_->before_token();
        work_off();
        services_->after_token();
    });
}

// What clients have sent leaves when all of it has been taken in, without another turn of the loop.
void Node::client_burst(bool begins) {
    serving_ = begins;
    if (!begins && !stopped_ && stack_->next_timeout() <= stack_->now()) work_off();
}

// After what is being handled now, without a timer's system calls.
void Node::work_off_soon() {
    if (std::exchange(posted_, true)) return;
    boost::asio::post(io_, [this, alive = std::weak_ptr<int>(alive_)] {
        if (alive.expired()) return;
        posted_ = false;
        work_off();
    });
}

void Node::work_off() {
    if (stopped_) return;
    Instant now = clock_now();
    if (now >= stack_->next_timeout()) stack_->on_timeout(now);
    if (now >= services_->next_timeout()) {
        stack_->set_now(now);
        services_->on_timeout();
    }
    if (now >= changes_->recorder().next_timeout()) changes_->recorder().on_timeout();
    arm();
}

// --- the end ---

void Node::leave(std::function<void()> gone) {
    if (stopped_ || gone_) return;
    gone_ = std::move(gone);
    if (stack_) stack_->set_now(clock_now());
    if (services_) services_->unload();
    if (!stack_ || stack_->ring().members().size() <= 1) return finish_leaving();
    stack_->ring().prepare_leave(clock_now());
    // The first visit may have been under way already.
    last_visit_ = stack_->ring().statistics(clock_now()).orf_token_rx + 2;
    farewell_timer_.expires_after(kFarewellLimit);
    farewell_timer_.async_wait([this, alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& cancelled) {
        if (!cancelled && !alive.expired()) finish_leaving();
    });
    arm();
}

bool Node::farewells_sent() const {
    return gone_ && stack_->ring().statistics(clock_now()).orf_token_rx >= last_visit_;
}

void Node::finish_leaving() {
    if (stopped_) return;
    if (stack_) stack_->leave(clock_now());
    if (changes_) changes_->recorder().stopping();
    stopped_ = true;
    timer_.cancel();
    farewell_timer_.cancel();
    networks_.close();
    std::exchange(gone_, nullptr)();
}

void Node::fail(int code) {
    if (!give_up_) return;
    boost::asio::post(io_, [give_up = std::exchange(give_up_, nullptr), code] { give_up(code); });
}

void Node::dump() {
    if (!stack_) {
        say(log_, LogLevel::info, kTotem, "no interface yet");
        return;
    }
    const totem::srp::Ring& ring = stack_->ring();
    say(log_, LogLevel::info, kTotem, "state {} ring {}{}", describe(ring.state()),
        ring.ring_id().text(setup_.config.dialect), node_list("members", ring.members()));
    const totem::net::Counters net = networks_.counters();
    say(log_, LogLevel::info, kTotem, "datagrams in {} ({} calls) out {} ({} calls), refused {}, lost on send {}",
        net.datagrams_in, net.receive_calls, net.datagrams_out, net.send_calls, net.refused(), net.unsent());
    services_->dump(log_);
    changes_->dump();
}

}  // namespace engine
