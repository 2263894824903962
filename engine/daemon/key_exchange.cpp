#include "engine/daemon/key_exchange.hpp"

#include <fmt/ranges.h>

#include <chrono>

#include "engine/daemon/packet_protection.hpp"
#include "engine/daemon/say.hpp"

namespace engine {

using totem::crypto::KeyRing;

namespace {

constexpr std::chrono::milliseconds kRetry{50};

// Appendix B.5 item 3.
totem::Duration grace_of(const config::ClusterConfig& config) {
    return 2 * totem::srp::ms(config.parameters.token) + std::chrono::minutes(1);
}

}  // namespace

KeyExchange::KeyExchange(Parts parts, const config::ClusterConfig& config)
    : parts_(std::move(parts)),
      rotation_(parts_.self, *this),
      grace_(grace_of(config)),
      retire_timer_(parts_.io),
      retry_timer_(parts_.io) {
    parts_.keys.on_other_key_heard = [this](std::uint8_t id) { heard(id); };
    tell_rotation();
}

KeyExchange::~KeyExchange() {
    parts_.keys.on_other_key_heard = nullptr;
}

// --- what there is ---

std::optional<cfg::KeyName> KeyExchange::name_of(std::optional<std::uint8_t> id) const {
    const auto print = id ? parts_.keys.print_of(*id) : std::nullopt;
    return print ? std::optional(cfg::KeyName{*id, *print}) : std::nullopt;
}

void KeyExchange::tell_rotation() {
    const auto other = parts_.keys.other_id();
    rotation_.keys(*name_of(parts_.keys.transmit_id()), other == retiring_ ? std::nullopt : name_of(other));
}

void KeyExchange::configured(const config::ClusterConfig& config) {
    grace_ = grace_of(config);
    parts_.keys.set_senders(senders_of(config));
    const config::Protection& wanted = config.protection;
    withdraw_unless_wanted(wanted);
    install(wanted.key_id, *wanted.key);
    if (wanted.next_key) install(wanted.next_key_id, *wanted.next_key);
    tell_rotation();
}

void KeyExchange::withdraw_unless_wanted(const config::Protection& wanted) {
    const auto other = parts_.keys.other_id();
    if (!other || other == retiring_) return;
    const bool still = other == wanted.key_id || (wanted.next_key && other == wanted.next_key_id);
    if (still || !parts_.keys.remove(*other)) return;
    say(parts_.log, LogLevel::notice, kTotem, "Key id {} is not configured any more and was removed.", *other);
}

void KeyExchange::install(std::uint8_t id, const totem::crypto::Secret& key) {
    const std::uint8_t current = parts_.keys.transmit_id();
    switch (parts_.keys.install(id, key.bytes())) {
        case KeyRing::Installed::done:
            say(parts_.log, LogLevel::notice, kTotem, "Key id {} is ready; packets are still sent with key id {}.", id,
                current);
            return;
        case KeyRing::Installed::already:
            return;
        case KeyRing::Installed::id_in_use:
            say(parts_.log, LogLevel::error, kTotem,
                "Another key is in use under key id {}. A new key needs a new id; the configured one is not used.", id);
            return;
        case KeyRing::Installed::same_key:
            say(parts_.log, LogLevel::error, kTotem, "The key configured as key id {} is in use under another id.", id);
            return;
        case KeyRing::Installed::no_room:
            say(parts_.log, LogLevel::error, kTotem,
                "Key id {} cannot be used yet: there are two keys until the last change of keys is over.", id);
            return;
        case KeyRing::Installed::retired_key:
            say(parts_.log, LogLevel::warning, kTotem,
                "Key id {} was replaced by key id {} and is not used again: make that one totem.keyfile and "
                "totem.key_id.",
                id, current);
            return;
    }
}

// --- what the others say ---

void KeyExchange::configuration(const totem::srp::Configuration& change) {
    if (change.kind != totem::srp::Configuration::Kind::regular) return;
    members_.clear();
    for (const totem::Identity& member : change.members)
        members_.push_back(member.nodeid);
    rotation_.configuration(change.ring.seq, members_);
}

void KeyExchange::message(totem::NodeId from, const cfg::KeyMessage& message) {
    rotation_.on_message(from, message);
    retry_later();
}

void KeyExchange::report() {
    rotation_.report();
    retry_later();
}

void KeyExchange::retry_later() {
    if (!rotation_.waiting()) return;
    retry_timer_.expires_after(kRetry);
    retry_timer_.async_wait([this, alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& cancelled) {
        if (cancelled || alive.expired()) return;
        parts_.before_send();
        rotation_.retry();
        parts_.after_send();
        retry_later();
    });
}

void KeyExchange::lacking(cfg::KeyName key, std::span<const totem::NodeId> members) {
    say(parts_.log, LogLevel::warning, kTotem,
        "The key stays as it is: key id {} of this content is not ready on node {}.", key.id, fmt::join(members, ", "));
}

// --- the change ---

void KeyExchange::change_to(cfg::KeyName key) {
    const std::uint8_t old = parts_.keys.transmit_id();
    if (parts_.keys.print_of(key.id) != key.print || !parts_.keys.transmit(key.id)) return;
    retire_later(old);
    say(parts_.log, LogLevel::notice, kTotem, "Packets are sent with key id {} from now on.", key.id);
}

void KeyExchange::heard(std::uint8_t id) {
    if (id == retiring_ || majority()) return;
    say(parts_.log, LogLevel::notice, kTotem, "The others send with key id {} already.", id);
    change_to(*name_of(id));
    tell_rotation();
}

void KeyExchange::retire_later(std::uint8_t id) {
    retiring_ = id;
    retire_timer_.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(grace_));
    retire_timer_.async_wait([this, alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& cancelled) {
        if (cancelled || alive.expired()) return;
        const std::uint8_t old = *std::exchange(retiring_, std::nullopt);
        if (!parts_.keys.remove(old)) return;
        say(parts_.log, LogLevel::notice, kTotem, "Key id {} was removed.", old);
    });
}

}  // namespace engine
