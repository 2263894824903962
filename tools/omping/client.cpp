#include "tools/omping/client.hpp"

#include <algorithm>
#include <limits>

namespace tools::omping {
namespace {

using namespace std::chrono_literals;

constexpr Duration kInitSpacing = 1s;
constexpr std::uint64_t kMostQueries = std::numeric_limits<std::uint64_t>::max() - 1;
constexpr std::size_t kLeastTimes = 1024;

// What a refusal names is a whole address.
std::optional<Address> group_of(const Prefix& prefix) {
    const std::size_t size = prefix.bits / 8u;
    if ((size != 4 && size != 16) || prefix.address.size() < size) return std::nullopt;
    return address_from(prefix.address.first(size));
}

}  // namespace

Client::Client(const ClientSettings& settings, const Random& random, ClientEvents& events)
    : settings_(settings),
      random_(&random),
      events_(&events),
      sent_at_(std::max(kLeastTimes, DuplicateRing::slots_for(settings.interval))),
      unicast_ring_(settings.duplicate_slots),
      group_ring_(settings.duplicate_slots) {
    (*random_)(id_);
}

void Client::tick(const Now& now) {
    if (state_ == State::initial) ask_for_session(now);
    if (state_ != State::query) return;
    const bool due = settings_.interval.count() > 0 || answered() || now.monotonic - queried_ >= 1ms;
    if (due) next_query(now);
}

void Client::ask_for_session(const Now& now) {
    if (asked_ && now.monotonic - *asked_ <= kInitSpacing) return;
    events_->waiting();
    asked_ = now.monotonic;
    events_->send(encode_init(id_, settings_.group, settings_.ask_version));
}

void Client::next_query(const Now& now) {
    if (settings_.count && sent_ + 1 > *settings_.count) return finish(StopReason::count);
    if (sent_ >= kMostQueries) return finish(StopReason::exhausted);
    ++sent_;
    if (++sequence_ == 0) {
        sequence_ = 1;
        wrapped_ = true;
    }
    send_query(now);
}

void Client::send_query(const Now& now) {
    queried_ = now.monotonic;
    sent_at_[sequence_ % sent_at_.size()] = {sequence_, now.monotonic};
    Query query{id_, sequence_, timestamp(now.wall), settings_.group, session_, settings_.ask_time, extra_};
    events_->send(encode_query(query));
}

void Client::receive(const Message& message, const Reception& reception) {
    if (state_ == State::stopped || message.version != kProtocolVersion) return;
    if (!message.client_id || !std::ranges::equal(*message.client_id, id_)) return;
    if (message.is(Type::response) && !reception.group) receive_response(message, reception);
    if (message.is(Type::answer) && state_ == State::query) receive_answer(message, reception);
}

void Client::receive_response(const Message& message, const Reception& reception) {
    if (settings_.ask_version) {
        if (!message.information) return;
        version_ = std::string(message.information->begin(), message.information->end());
        return finish(StopReason::version);
    }
    if (!message.group) {
        if (!message.prefixes.empty()) other_group_ = group_of(message.prefixes.back());
        return told_to_stop();
    }
    if (!message.session) return;
    if (state_ == State::query && std::ranges::equal(*message.session, session_)) return;
    session_.assign(message.session->begin(), message.session->end());
    // A lost answer made us ask twice: the query goes out again for the new session, and counts once.
    if (state_ == State::query) return send_query(reception.at);
    state_ = State::query;
    events_->joined();
    next_query(reception.at);
}

void Client::told_to_stop() {
    if (state_ == State::initial) return finish(StopReason::server);
    // The query was not measured. Whether the peer ends or began anew, the answer to the next Init tells.
    if (sent_ > 0) --sent_;
    (*random_)(id_);
    state_ = State::initial;
}

void Client::finish(StopReason reason) {
    state_ = State::stopped;
    events_->stopped(reason);
}

void Client::stop() {
    state_ = State::stopped;
}

void Client::receive_answer(const Message& message, const Reception& reception) {
    if (!message.sequence || !ever_sent(*message.sequence)) return;
    Reply reply;
    reply.group = reception.group;
    reply.sequence = *message.sequence;
    reply.size = reception.bytes.size();
    reply.client_time = message.client_time;
    reply.server_time = message.server_time;
    reply.received = reception.at.wall;
    reply.rtt = round_trip(message, reception);
    if (message.ttl.value_or(0) != 0 && reception.ttl != 0) {
        reply.distance_known = true;
        reply.distance = static_cast<std::uint8_t>(*message.ttl - reception.ttl);
    }
    count_reply(message, reception, reply);
    events_->replied(reply);
}

bool Client::ever_sent(std::uint32_t sequence) const {
    return sequence != 0 && (wrapped_ || sequence <= sequence_);
}

// By our own clock while we remember when the query left, else by what the answer carries.
std::optional<nanoseconds> Client::round_trip(const Message& message, const Reception& reception) const {
    const Sent& sent = sent_at_[*message.sequence % sent_at_.size()];
    if (sent.sequence == *message.sequence) return std::max(Duration::zero(), reception.at.monotonic - sent.at);
    if (!message.client_time) return std::nullopt;
    return std::chrono::abs(reception.at.wall - wall_time(*message.client_time));
}

void Client::count_reply(const Message& message, const Reception& reception, Reply& reply) {
    if (!reception.group) last_answered_ = *message.sequence;
    CastStatistics& statistics = reception.group ? group_ : unicast_;
    if ((reception.group ? group_ring_ : unicast_ring_).seen(*message.sequence)) {
        reply.duplicate = true;
        ++statistics.duplicates;
        return;
    }
    if (reception.group && first_group_ == 0 && !wrapped_) first_group_ = *message.sequence;
    ++statistics.received;
    if (reply.rtt) statistics.rtt.add(*reply.rtt);
}

}  // namespace tools::omping
