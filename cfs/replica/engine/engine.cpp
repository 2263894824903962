#include "cfs/replica/engine/engine.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "totem/base/planted.hpp"

namespace cfs::replica {
namespace {

std::string member_list(std::span<const MemberId> members) {
    std::string text = "members: ";
    for (std::size_t i = 0; i < members.size(); ++i)
        text += fmt::format("{}{}/{}", i == 0 ? "" : ", ", members[i].nodeid, members[i].pid);
    return text;
}

std::string_view failure_text(Purpose purpose) {
    switch (purpose) {
        case Purpose::resend:
            return "dfsm_resend_queue failed";
        case Purpose::sync_start:
            return "failed to send SYNC_START message";
        case Purpose::state:
            return "failed to send STATE message";
        case Purpose::update_complete:
            return "failed to send UPDATE_COMPLETE message";
        case Purpose::verify_request:
            return "failed to send VERIFY_REQUEST message";
        case Purpose::verify:
            return "failed to send VERIFY message";
        case Purpose::normal:
        case Purpose::update:
            break;
    }
    return {};
}

}  // namespace

Engine::Engine(EngineSettings settings, Application& application, Channel& channel, EngineObserver& observer)
    : settings_(settings), application_(application), channel_(channel), observer_(observer) {}

void Engine::start(Now now) {
    if (settings_.verifies) next_verify_ = now.instant + settings_.verify_every;
    begin(now);
}

void Engine::begin(Now now) {
    running_ = true;
    last_start_ = now.instant;
    queue_.clear();
    sync_queue_.clear();
    abort_callers();
    set_mode(now, Mode::start);
    channel_.join();
}

void Engine::stop() {
    stopping_ = true;
    if (running_) channel_.leave();
    running_ = joined_ = false;
    abort_callers();
    free_sync_data();
}

void Engine::tick(Now now) {
    if (!running_ && !stopping_ && !(mode_ > Mode::leave) && now.instant >= last_start_ + settings_.restart_after)
        begin(now);
    if (now.instant < next_verify_) return;
    next_verify_ += settings_.verify_every;
    if (running_ && mode_ == Mode::synced && self_.nodeid == lowest_node_) verify(now);
}

totem::Instant Engine::next_timer() const {
    if (stopping_) return totem::kNever;
    const bool will_restart = !running_ && !(mode_ > Mode::leave);
    return std::min(next_verify_, will_restart ? last_start_ + settings_.restart_after : totem::kNever);
}

void Engine::connected(MemberId self) {
    self_ = self;
    connected_ = true;
    failure_reported_ = false;
}

void Engine::lost(Now now) {
    if (!running_) return;
    // The first of a row of failures is news.
    if (!connected_ && !failure_reported_) report(Severity::critical, "can't initialize service");
    failure_reported_ = !connected_;
    stopped(now);
    if (!is_out(mode_)) set_mode(now, Mode::start);
    connected_ = false;
}

// --- configuration changes, 4.2 -------------------------------------------------------------------

void Engine::configuration(Now now, std::span<const MemberId> members, std::span<const MemberId>,
                           std::span<const MemberId> joined) {
    if (!running_) return;
    sync_epoch_ = {++epochs_, now.seconds, self_.nodeid, self_.pid};
    checksum_id_ = checksum_counter_;
    checksum_epoch_ = {};
    sync_queue_.clear();
    channel_.drop_sync_messages();
    joined_ = std::ranges::find(members, self_) != members.end();
    if (is_out(mode_)) {
        if (!joined_) stopped(now);
        return;
    }
    lowest_node_ = members.empty() ? 0 : std::ranges::min_element(members)->nodeid;
    if (joined_ || mode_ != Mode::start) report(Severity::notice, member_list(members));
    free_sync_data();
    rebuild_members(members);
    if (!joined_) {
        if (mode_ == Mode::start) return;
        report(Severity::notice, fmt::format("we ({}/{}) left the process group", self_.nodeid, self_.pid));
        leave(now);
        return stopped(now);
    }
    if (members_.size() > 1) {
        if (!joined.empty()) resend_queue();
        start_sync(now);
    } else {
        members_.front().synced = true;
        set_mode(now, Mode::synced);
        deliver_queue(now);
    }
    application_.members_changed(*this, now, members);
    settle(now);
}

void Engine::rebuild_members(std::span<const MemberId> members) {
    members_.clear();
    members_.reserve(members.size());
    for (const MemberId member : members)
        members_.push_back({member, false, std::nullopt});
    std::ranges::sort(members_, {}, &Member::id);
    members_known_ = true;
}

// Those who joined lack what is queued; everybody drops it and each sends its own once more.
void Engine::resend_queue() {
    if (queue_.empty()) return;
    const auto queue = queue_.take();
    report(Severity::notice, fmt::format("queue not emtpy - resening {} messages", queue.size()));
    if (totem::planted(totem::Bug::cfs_forget_to_resend)) return;
    for (const QueuedMessage& message : queue)
        if (message.sender == self_) channel_.send({Purpose::resend, message.count, message.bytes});
}

void Engine::start_sync(Now now) {
    set_mode(now, Mode::start_sync);
    if (self_.nodeid != lowest_node_) return;
    channel_.send(
        {Purpose::sync_start, 0, encode(StateMessage{header(now, MessageType::sync_start), sync_epoch_, {}})});
}

Engine::Member* Engine::find(MemberId id) {
    const auto found = std::ranges::find(members_, id, &Member::id);
    return found == members_.end() ? nullptr : &*found;
}

std::vector<MemberId> Engine::members() const {
    std::vector<MemberId> out;
    for (const Member& member : members_)
        out.push_back(member.id);
    return out;
}

bool Engine::everybody_synced() const {
    return std::ranges::all_of(members_, &Member::synced);
}

// --- modes, 4.1 and 4.6 ---------------------------------------------------------------------------

void Engine::set_mode(Now now, Mode mode) {
    if (mode == mode_ || !may_follow(mode_, mode)) return;
    mode_ = mode;
    const ModeText entry = entry_text(mode);
    report(entry.severity, entry.text);
    if (mode == Mode::synced) application_.synced(*this, now);
}

void Engine::leave(Now now) {
    set_mode(now, Mode::leave);
    free_sync_data();
}

void Engine::fail(Now now, std::string_view text) {
    report(Severity::critical, text);
    leave(now);
}

void Engine::free_sync_data() {
    for (Member& member : members_)
        member.state.reset();
    application_.forget_sync();
}

// What an event made necessary, once it is over.
void Engine::settle(Now now) {
    if (!running_) return;
    if (is_out(mode_)) {
        if (!std::exchange(leaving_, true)) channel_.leave();
        return;
    }
    if (mode_ != Mode::synced) return;
    while (!held_.empty()) {
        channel_.send(std::move(held_.front()));
        held_.pop_front();
    }
    if (verify_is_late_ && self_.nodeid == lowest_node_ && everybody_synced()) verify(now);
}

void Engine::stopped(Now) {
    running_ = joined_ = leaving_ = members_known_ = false;
    free_sync_data();
    members_.clear();
    queue_.clear();
    sync_queue_.clear();
    abort_callers();
}

void Engine::abort_callers() {
    held_.clear();
    for (const std::uint64_t count : std::exchange(waiting_, {}))
        observer_.completed(count, false, 0);
}

// --- sending --------------------------------------------------------------------------------------

Header Engine::header(Now now, MessageType type, std::uint16_t subtype) const {
    return {static_cast<std::uint16_t>(type), subtype, settings_.protocol_version, now.seconds, 0};
}

std::optional<std::uint64_t> Engine::submit(Now now, std::uint16_t subtype, Bytes payload) {
    if (!joined_ || is_out(mode_)) return std::nullopt;
    send_normal(now, subtype, payload);
    waiting_.insert(last_count_);
    return last_count_;
}

void Engine::send(Now now, std::uint16_t subtype, Bytes payload) {
    if (joined_ && !is_out(mode_)) send_normal(now, subtype, payload);
}

// Own messages wait for the end of a sync. Those of a member that turns out to have old data would else be applied at
// once by the synced members, and by itself only after others that come later in the group's order.
void Engine::send_normal(Now now, std::uint16_t subtype, Bytes payload) {
    const NormalMessage message{header(now, MessageType::normal, subtype), ++last_count_, payload};
    Outgoing out{Purpose::normal, message.count, encode(message)};
    const bool hold = (mode_ != Mode::synced || !held_.empty()) && !totem::planted(totem::Bug::cfs_send_while_syncing);
    if (hold)
        held_.push_back(std::move(out));
    else
        channel_.send(std::move(out));
}

void Engine::send_state(Now now, Purpose purpose, MessageType type, Bytes payload, std::uint64_t id) {
    channel_.send({purpose, id, encode(StateMessage{header(now, type), sync_epoch_, payload})});
}

void Engine::send_update(Now now, std::uint64_t inode, Bytes payload) {
    send_state(now, Purpose::update, MessageType::update, payload, inode);
}

void Engine::send_update_complete(Now now) {
    send_state(now, Purpose::update_complete, MessageType::update_complete, {});
}

void Engine::send_failed(Now now, Purpose purpose, std::uint64_t id) {
    if (!running_ || is_out(mode_)) return;
    switch (purpose) {
        case Purpose::normal:
            if (waiting_.erase(id) != 0) observer_.completed(id, false, 0);
            return;
        case Purpose::update:
            return report(Severity::critical, fmt::format("sending update inode failed {:016X}", id));
        case Purpose::verify_request:
        case Purpose::verify:
            return report(Severity::critical, failure_text(purpose));
        default:
            fail(now, failure_text(purpose));
            settle(now);
    }
}

}  // namespace cfs::replica
