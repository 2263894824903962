// The client's connection, its loop and its sending; flood_receive.cpp has what happens on deliveries.
#include "conformance/client/flood_client.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/uio.h>
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <utility>

namespace flood {

using std::chrono::milliseconds;

namespace {

constexpr unsigned dispatches_at_once = 128, sends_at_once = 16;

cpg_name to_name(const std::string& group) {
    cpg_name name{};
    name.length = static_cast<std::uint32_t>(std::min<std::size_t>(group.size(), CPG_MAX_NAME_LENGTH));
    std::memcpy(name.value, group.data(), name.length);
    return name;
}

}  // namespace

FloodClient::FloodClient(Options options, const volatile std::sig_atomic_t& stop)
    : options_(std::move(options)), stop_(stop), deadline_(begin_ + options_.timeout), log_(options_.log) {}

FloodClient::~FloodClient() {
    if (handle_ != 0) cpg_finalize(handle_);
}

Outcome FloodClient::run() {
    connect();
    if (!done_ && join()) loop();
    if (handle_ != 0 && outcome_.complete) {
        // Leave in order, so that the others see a leave and not a death.
        const auto name = to_name(options_.group);
        cpg_leave(handle_, &name);
    }
    outcome_.seconds = std::chrono::duration<double>(last_delivered_ - first_sent_).count();
    if (first_sent_ == Clock::time_point{} || outcome_.seconds < 0) outcome_.seconds = 0;
    log_.flush();
    return outcome_;
}

void FloodClient::connect() {
    cpg_model_v1_data_t model{};
    model.model = CPG_MODEL_V1;
    model.flags = CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF;
    model.cpg_deliver_fn = [](cpg_handle_t handle, const cpg_name*, std::uint32_t node, std::uint32_t pid, void* data,
                              std::size_t size) {
        void* self = nullptr;
        cpg_context_get(handle, &self);
        static_cast<FloodClient*>(self)->delivered(node, pid, {static_cast<const std::byte*>(data), size});
    };
    model.cpg_confchg_fn = [](cpg_handle_t handle, const cpg_name*, const cpg_address* members,
                              std::size_t member_count, const cpg_address* left, std::size_t left_count,
                              const cpg_address* joined, std::size_t joined_count) {
        void* self = nullptr;
        cpg_context_get(handle, &self);
        static_cast<FloodClient*>(self)->configuration_changed({members, member_count}, {left, left_count},
                                                               {joined, joined_count});
    };
    model.cpg_totem_confchg_fn = [](cpg_handle_t handle, cpg_ring_id ring, std::uint32_t count,
                                    const std::uint32_t* members) {
        void* self = nullptr;
        cpg_context_get(handle, &self);
        static_cast<FloodClient*>(self)->ring_changed(ring, {members, count});
    };
    // The engine may still be starting.
    cs_error_t error = CS_OK;
    while ((error = cpg_model_initialize(&handle_, CPG_MODEL_V1, reinterpret_cast<cpg_model_data_t*>(&model), this)) !=
           CS_OK) {
        handle_ = 0;
        if (time_is_up() || stop_)
            return finish(fmt::format("no connection to the engine (error {})", int{error}), false);
        std::this_thread::sleep_for(milliseconds(20));
    }
    cpg_fd_get(handle_, &descriptor_);
    cpg_local_get(handle_, &outcome_.node);
}

bool FloodClient::join() {
    const auto name = to_name(options_.group);
    for (;;) {
        const auto error = cpg_join(handle_, &name);
        if (error == CS_OK) return true;
        if (error != CS_ERR_TRY_AGAIN || time_is_up() || stop_) {
            finish(fmt::format("cannot join the group (error {})", int{error}), false);
            return false;
        }
        wait(5);
    }
}

void FloodClient::loop() {
    while (!done_) {
        if (time_is_up()) return finish("time is up", false);
        const auto dispatched = dispatch_some();
        if (done_) return;
        const auto before = outcome_.sent;
        const auto state = sending_;
        send_some();
        if (dispatched == 0 && outcome_.sent == before && sending_ == state) wait(2);
    }
}

// Waits for something to dispatch; the limit is there because nothing tells when the engine takes messages again.
void FloodClient::wait(int milliseconds_at_most) {
    pollfd readable{descriptor_, POLLIN, 0};
    ::poll(&readable, 1, milliseconds_at_most);
}

unsigned FloodClient::dispatch_some() {
    unsigned count = 0;
    while (count < dispatches_at_once && !done_) {
        const auto before = events_dispatched_;
        const auto error = cpg_dispatch(handle_, CS_DISPATCH_ONE_NONBLOCKING);
        if (error != CS_OK && error != CS_ERR_TRY_AGAIN) {
            finish(fmt::format("the engine is gone (error {})", int{error}), false);
            break;
        }
        if (events_dispatched_ == before) break;
        ++count;
    }
    return count;
}

bool FloodClient::due() const {
    if (options_.rate <= 0) return true;
    const auto elapsed = std::chrono::duration<double>(Clock::now() - first_sent_).count();
    return static_cast<double>(outcome_.sent) <= elapsed * options_.rate;
}

void FloodClient::send_some() {
    const StreamId self{outcome_.node, options_.index};
    if (sending_ == Sending::waiting && (barrier_passed_ || stop_)) sending_ = Sending::starting;
    if (sending_ == Sending::starting && send({Kind::start, self, 0}, header_size)) {
        sending_ = Sending::flowing;
        log_.sending();
        first_sent_ = Clock::now();
    }
    for (unsigned i = 0; i < sends_at_once && sending_ == Sending::flowing; ++i) {
        if (stop_ || (options_.send && outcome_.sent >= *options_.send)) {
            sending_ = Sending::ending;
        } else if (!due() || !send({Kind::data, self, outcome_.sent}, options_.sizes.pick(self, outcome_.sent))) {
            return;
        } else {
            ++outcome_.sent;
        }
    }
    if (sending_ == Sending::ending && send({Kind::end, self, outcome_.sent}, header_size)) sending_ = Sending::over;
}

bool FloodClient::send(const Header& header, std::size_t size) {
    auto message = make_message(header, size);
    iovec part{message.data(), message.size()};
    const auto error = cpg_mcast_joined(handle_, CPG_TYPE_AGREED, &part, 1);
    if (error == CS_OK) return true;
    if (error == CS_ERR_TRY_AGAIN) {
        ++outcome_.refused;
    } else if (error == CS_ERR_INTERRUPT) {
        // The group changed between the fragments of a large message; receivers forget what they had of it.
        ++outcome_.interrupted;
    } else {
        finish(fmt::format("the engine does not take messages (error {})", int{error}), false);
    }
    return false;
}

void FloodClient::finish(const std::string& reason, bool complete) {
    if (done_) return;
    done_ = true;
    outcome_.reason = reason;
    outcome_.complete = complete;
}

}  // namespace flood
