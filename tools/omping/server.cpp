#include "tools/omping/server.hpp"

#include <algorithm>

namespace tools::omping {
namespace {

using namespace std::chrono_literals;

constexpr Duration kInitSpacing = 1s;

}  // namespace

void Server::receive(const Message& message, const Reception& reception, const Now& now, ServerEffects& out) {
    if (message.is(Type::init)) receive_init(message, reception, out);
    if (message.is(Type::query)) receive_query(message, reception, now, out);
}

bool Server::wants_our_group(const Message& init) const {
    return std::ranges::any_of(init.prefixes, [&](const Prefix& prefix) { return prefix.matches(settings_.group); });
}

void Server::receive_init(const Message& message, const Reception& reception, ServerEffects& out) {
    if (state_ == State::finishing) return out.answer(reception.from, encode_stop(message, settings_.information));
    if (!wants_our_group(message)) {
        return out.answer(reception.from, encode_refuse(message, settings_.group, settings_.information));
    }
    const Instant now = reception.at.monotonic;
    if (accepted_ && now - *accepted_ < kInitSpacing) return;
    accepted_ = now;
    random_(session_);
    state_ = State::answer;
    out.answer(reception.from, encode_accept(message, settings_.group, session_, settings_.information));
}

void Server::receive_query(const Message& message, const Reception& reception, const Now& now, ServerEffects& out) {
    const bool ours = state_ == State::answer && message.sequence && message.group && message.session &&
                      std::ranges::equal(*message.session, session_);
    if (!ours) return out.answer(reception.from, encode_stop(message, settings_.information));
    if (!limit_.admits(reception.at.monotonic)) return;
    const Datagram answer = encode_answer(message, settings_.ttl, timestamp(now.wall));
    out.answer(reception.from, answer);
    out.answer_group(reception.from.port, answer);
}

}  // namespace tools::omping
