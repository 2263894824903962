#pragma once
// libqb's poll handlers on Boost.Asio (client-ipc.md section 2.3).
//
// libqb expects level-triggered watches with poll(2) masks, closes descriptors itself, and replaces the
// watch of a descriptor from within that watch's callback.

#include <qb/qbipcs.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace engine::ipc {

class QbLoop {
public:
    struct Hooks {
        // Around each callback of libqb's that a descriptor's readiness brings: true before, false after.
        std::function<void(bool)> burst;
        // After one or several of a descriptor: whether what it brought was of the kind whose like can wait.
        std::function<bool()> streams;
        // Then: whether it would leave no later if it did, see look(). Given with `streams`.
        std::function<bool()> can_wait;
        std::chrono::microseconds longest_rest{1000};
    };
    // libqb's handlers carry no context, so there is one loop per thread: throws std::logic_error for a
    // second one. All calls on the thread that runs `io`.
    QbLoop(boost::asio::io_context& io, Hooks hooks);
    // Forgets all watches; no libqb object may use the handlers any more.
    ~QbLoop();
    QbLoop(const QbLoop&) = delete;
    QbLoop& operator=(const QbLoop&) = delete;

    static qb_ipcs_poll_handlers handlers();

    // While libqb leaves a connection's requests unread, its descriptor stays readable and would be
    // reported for ever. Paused watches are not told of input, but of hangup and writability. `data` is
    // what libqb registered the watch with: the connection.
    // Resuming takes effect with the next rearm(), so that many can be resumed in one pass.
    void pause_input(const void* data) { paused_.insert(data); }
    void resume_input(const void* data) { paused_.erase(data); }
    void rearm();

    // A descriptor rests while its input can wait: no byte that a client sends wakes anybody. look() takes all that has
    // come, when it can be of use; settle() ends the rest of those who sent nothing, or whose input can wait no longer.
    // Without either a descriptor rests for `longest_rest`.
    void look();
    void settle();
    bool anything_rests() const { return !resting_.empty(); }

    // libqb wants to notify the client at `fd` of an event. True if the descriptor is watched here: it is done after
    // what is being handled now, together with other notifications. Any thread.
    static bool owe_notification(int fd);
    // Does it now.
    void pay();

    std::size_t watches() const { return watches_.size(); }

private:
    class Watch;

    bool begin_burst();  // false within another
    void end_burst();
    void rest(std::shared_ptr<Watch> watch);

    static int32_t add(qb_loop_priority priority, int32_t fd, int32_t events, void* data, qb_ipcs_dispatch_fn_t fn);
    static int32_t mod(qb_loop_priority priority, int32_t fd, int32_t events, void* data, qb_ipcs_dispatch_fn_t fn);
    static int32_t del(int32_t fd);
    static int32_t post_job(qb_loop_priority priority, void* data, qb_loop_job_dispatch_fn fn);

    boost::asio::io_context& io_;
    std::unordered_map<int, std::shared_ptr<Watch>> watches_;
    std::unordered_set<const void*> paused_;
    Hooks hooks_;
    std::vector<std::shared_ptr<Watch>> owing_;  // notifications
    bool in_burst_ = false;
    std::vector<std::shared_ptr<Watch>> resting_;
    boost::asio::steady_timer rest_timer_;
    bool rest_limited_ = false;  // by the timer
};

}  // namespace engine::ipc
