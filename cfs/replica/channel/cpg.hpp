#pragma once
// A group of libcpg (pmxcfs-wire.md section 1). Nothing blocks and nothing sleeps: what corosync has no room for waits
// in a queue and is tried again when tick() is called at next_timer().
//
// Messages above what CPG carries in one piece are cut by libcpg and put together by it again, so the size of an index
// has no limit here; a membership change between two pieces fails the send, which is then repeated whole.
//
// One thread calls a channel, which is what serialises the calls of its handle. Connect after daemonizing: members know
// us by the pid of the process that joined.

#include <corosync/cpg.h>

#include <deque>

#include "cfs/replica/channel/channel.hpp"

namespace cfs::replica {

class CpgObserver {
public:
    virtual ~CpgObserver() = default;
    virtual void report(Severity severity, std::string_view text) = 0;
};

// The calls of libcpg that the channel makes; tests put something else in their place.
struct CpgCalls {
    decltype(&cpg_model_initialize) initialize = cpg_model_initialize;
    decltype(&cpg_finalize) finalize = cpg_finalize;
    decltype(&cpg_fd_get) fd_get = cpg_fd_get;
    decltype(&cpg_local_get) local_get = cpg_local_get;
    decltype(&cpg_join) join = cpg_join;
    decltype(&cpg_leave) leave = cpg_leave;
    decltype(&cpg_dispatch) dispatch = cpg_dispatch;
    decltype(&cpg_mcast_joined) mcast = cpg_mcast_joined;
};

class CpgChannel final : public Channel {
public:
    static constexpr totem::Duration kRetry = std::chrono::milliseconds(100);
    static constexpr int kMostSendRetries = 100;
    static constexpr int kRetriesPerNotice = 10;

    // The group's name is sent with its NUL, which counts.
    CpgChannel(std::string group, ChannelEvents& events, CpgObserver& observer, CpgCalls calls = {});
    ~CpgChannel() override;
    CpgChannel(const CpgChannel&) = delete;
    CpgChannel& operator=(const CpgChannel&) = delete;

    void join() override;
    void leave() override;
    void send(Outgoing message) override;
    void drop_sync_messages() override;

    // For a poll loop: readable means dispatch(). -1 while there is no connection. Changes with every connection.
    int fd() const { return fd_; }
    // One event of the group at a time.
    void dispatch();
    // What waits for its time. Call it also right after anything else was called: it does what was asked for.
    void tick(totem::Instant now);
    totem::Instant next_timer() const;
    std::size_t unsent() const { return unsent_.size(); }

private:
    enum class Wish : std::uint8_t { none, join, leave };

    static void deliver_callback(cpg_handle_t, const cpg_name*, std::uint32_t, std::uint32_t, void*, std::size_t);
    static void configuration_callback(cpg_handle_t, const cpg_name*, const cpg_address*, std::size_t,
                                       const cpg_address*, std::size_t, const cpg_address*, std::size_t);
    bool connect();
    void fulfil_wish();
    void send_waiting();
    void fail_send(int error);
    void lose();
    void close();
    // True: try again later.
    bool retry(cs_error_t error, const char* call);
    void complain(const char* call, cs_error_t error);

    const std::string group_;
    ChannelEvents& events_;
    CpgObserver& observer_;
    const CpgCalls calls_;
    cpg_handle_t handle_ = 0;
    bool connected_ = false;
    int fd_ = -1;
    Wish wish_ = Wish::none;
    int wish_retries_ = 0, dispatch_retries_ = 0, send_retries_ = 0;
    std::deque<Outgoing> unsent_;
    totem::Instant retry_at_{};  // before that nothing is tried
    bool work_ = false;          // something was asked for
    bool lost_ = false;          // ... or went wrong, and is told by tick()
};

}  // namespace cfs::replica
