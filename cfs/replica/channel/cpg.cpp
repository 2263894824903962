#include "cfs/replica/channel/cpg.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace cfs::replica {
namespace {

cpg_name name_of(const std::string& group) {
    cpg_name name{};
    name.length = static_cast<std::uint32_t>(std::min(group.size() + 1, sizeof name.value));
    std::memcpy(name.value, group.c_str(), name.length);
    return name;
}

std::vector<MemberId> members_of(const cpg_address* list, std::size_t count) {
    std::vector<MemberId> members;
    for (std::size_t i = 0; i < count; ++i)
        members.push_back({list[i].nodeid, list[i].pid});
    return members;
}

}  // namespace

CpgChannel::CpgChannel(std::string group, ChannelEvents& events, CpgObserver& observer, CpgCalls calls)
    : group_(std::move(group)), events_(events), observer_(observer), calls_(calls) {}

CpgChannel::~CpgChannel() {
    close();
}

// --- what was asked for -----------------------------------------------------------------------------------------

void CpgChannel::join() {
    wish_ = Wish::join;
    wish_retries_ = 0;
    work_ = true;
}

void CpgChannel::leave() {
    wish_ = Wish::leave;
    wish_retries_ = 0;
    work_ = true;
    unsent_.clear();
    send_retries_ = 0;
}

void CpgChannel::send(Outgoing message) {
    unsent_.push_back(std::move(message));
    work_ = true;
}

void CpgChannel::drop_sync_messages() {
    if (!unsent_.empty() && belongs_to_sync(unsent_.front().purpose)) send_retries_ = 0;
    std::erase_if(unsent_, [](const Outgoing& message) { return belongs_to_sync(message.purpose); });
}

totem::Instant CpgChannel::next_timer() const {
    if (lost_) return totem::Instant::min();
    return work_ || dispatch_retries_ > 0 ? retry_at_ : totem::kNever;
}

void CpgChannel::tick(totem::Instant now) {
    if (lost_) {
        lost_ = false;
        return events_.lost();
    }
    if (now < retry_at_) return;
    if (dispatch_retries_ > 0) dispatch();
    if (!work_) {
        if (dispatch_retries_ > 0) retry_at_ = now + kRetry;
        return;
    }
    work_ = false;
    if (wish_ != Wish::none) fulfil_wish();
    if (wish_ == Wish::none && connected_) send_waiting();
    if (work_ || dispatch_retries_ > 0) retry_at_ = now + kRetry;
}

// --- calls ------------------------------------------------------------------------------------------------------

bool CpgChannel::connect() {
    cpg_model_v1_data_t model{};
    model.model = CPG_MODEL_V1;
    model.cpg_deliver_fn = deliver_callback;
    model.cpg_confchg_fn = configuration_callback;
    cs_error_t error = calls_.initialize(&handle_, CPG_MODEL_V1, reinterpret_cast<cpg_model_data_t*>(&model), this);
    if (error != CS_OK) {
        complain("cpg_initialize", error);
        return false;
    }
    connected_ = true;
    unsigned node = 0;
    error = calls_.local_get(handle_, &node);
    if (error == CS_OK) error = calls_.fd_get(handle_, &fd_);
    if (error != CS_OK) {
        complain("cpg_local_get", error);
        return false;
    }
    events_.connected({node, static_cast<std::uint32_t>(::getpid())});
    return true;
}

void CpgChannel::fulfil_wish() {
    const bool joins = wish_ == Wish::join;
    if (!connected_ && (!joins || !connect())) return lose();
    const cpg_name name = name_of(group_);
    const cs_error_t error = joins ? calls_.join(handle_, &name) : calls_.leave(handle_, &name);
    const char* const call = joins ? "cpg_join" : "cpg_leave";
    if (error == CS_ERR_TRY_AGAIN) {
        work_ = true;
        if (++wish_retries_ % kRetriesPerNotice == 0)
            observer_.report(Severity::notice, fmt::format("{} retry {}", call, wish_retries_));
        return;
    }
    wish_ = Wish::none;
    if (error == CS_OK) return;
    complain(call, error);
    lose();
}

void CpgChannel::send_waiting() {
    while (!unsent_.empty()) {
        Outgoing& message = unsent_.front();
        iovec part{message.bytes.data(), message.bytes.size()};
        const cs_error_t error = calls_.mcast(handle_, CPG_TYPE_AGREED, &part, 1);
        // INTERRUPT: the membership changed between two pieces, and receivers have dropped what came.
        if (error == CS_ERR_TRY_AGAIN || error == CS_ERR_INTERRUPT) {
            if (++send_retries_ % kRetriesPerNotice == 0)
                observer_.report(Severity::notice, fmt::format("cpg_send_message retry {}", send_retries_));
            if (send_retries_ < kMostSendRetries) {
                work_ = true;
                return;
            }
            observer_.report(Severity::notice, fmt::format("cpg_send_message retried {} times", send_retries_));
        } else if (error != CS_OK) {
            observer_.report(Severity::critical, fmt::format("cpg_send_message failed: {}", static_cast<int>(error)));
        }
        const Outgoing done = std::move(message);
        unsent_.pop_front();
        send_retries_ = 0;
        if (error != CS_OK) events_.send_failed(done.purpose, done.id);
    }
}

void CpgChannel::dispatch() {
    if (!connected_) return;
    const cs_error_t error = calls_.dispatch(handle_, CS_DISPATCH_ONE_NONBLOCKING);
    if (error == CS_OK) {
        dispatch_retries_ = 0;
    } else if (error == CS_ERR_TRY_AGAIN) {
        if (++dispatch_retries_ % kRetriesPerNotice == 0)
            observer_.report(Severity::notice, fmt::format("cpg_dispatch retry {}", dispatch_retries_));
    } else {
        complain("cpg_dispatch", error);
        lose();
    }
}

void CpgChannel::complain(const char* call, cs_error_t error) {
    observer_.report(Severity::critical, fmt::format("{} failed: {}", call, static_cast<int>(error)));
}

void CpgChannel::lose() {
    close();
    lost_ = true;
}

void CpgChannel::close() {
    if (connected_) (void)calls_.finalize(handle_);
    connected_ = false;
    handle_ = 0;
    fd_ = -1;
    wish_ = Wish::none;
    work_ = false;
    dispatch_retries_ = send_retries_ = 0;
    unsent_.clear();
}

// --- events -----------------------------------------------------------------------------------------------------

void CpgChannel::deliver_callback(cpg_handle_t handle, const cpg_name*, std::uint32_t node, std::uint32_t pid,
                                  void* message, std::size_t length) {
    void* self = nullptr;
    if (cpg_context_get(handle, &self) != CS_OK || self == nullptr) return;
    static_cast<CpgChannel*>(self)->events_.delivered({node, pid}, {static_cast<const std::uint8_t*>(message), length});
}

void CpgChannel::configuration_callback(cpg_handle_t handle, const cpg_name*, const cpg_address* members,
                                        std::size_t member_count, const cpg_address* left, std::size_t left_count,
                                        const cpg_address* joined, std::size_t joined_count) {
    void* self = nullptr;
    if (cpg_context_get(handle, &self) != CS_OK || self == nullptr) return;
    static_cast<CpgChannel*>(self)->events_.configuration(
        members_of(members, member_count), members_of(left, left_count), members_of(joined, joined_count));
}

}  // namespace cfs::replica
