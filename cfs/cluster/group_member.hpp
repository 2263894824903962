#pragma once
// This process's seat in one of the two groups: an engine on a libcpg channel, driven by the event loop.

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "cfs/cluster/clocks.hpp"
#include "cfs/cluster/fd_watch.hpp"
#include "cfs/replica/channel/cpg.hpp"
#include "cfs/replica/engine/engine.hpp"

namespace cfs::cluster {

// On the loop's thread.
class GroupMember final : private replica::ChannelEvents, private replica::CpgObserver {
public:
    // `before_event` runs before each event of the group: what has to be known first.
    GroupMember(boost::asio::io_context& loop, std::string group, replica::EngineSettings settings,
                replica::Application& application, replica::EngineObserver& observer,
                std::function<void()> before_event);

    void start();
    void stop();  // leaves the group; idle() tells when it has
    bool idle() const { return !started_ || (stopping_ && !engine_.is_member()); }

    // Does something with the engine, and what follows from it.
    template <typename Act>
    auto act(Act act) {
        struct Settle {
            GroupMember& member;
            ~Settle() { member.settle(); }
        } settle{*this};
        return act(engine_);
    }

    // Dispatches what has come until now.
    void drain();

private:
    void connected(replica::MemberId self) override { engine_.connected(self); }
    void configuration(std::span<const replica::MemberId> members, std::span<const replica::MemberId> left,
                       std::span<const replica::MemberId> joined) override;
    void delivered(replica::MemberId sender, totem::Bytes message) override;
    void send_failed(replica::Purpose purpose, std::uint64_t id) override;
    void lost() override { engine_.lost(now()); }
    void report(Severity severity, std::string_view text) override { observer_.report(severity, text); }

    void dispatch();
    void settle();
    void arm();

    replica::EngineObserver& observer_;
    std::function<void()> before_event_;
    replica::CpgChannel channel_;
    replica::Engine engine_;
    FdWatch fd_;
    boost::asio::steady_timer timer_;
    totem::Instant due_ = totem::kNever;
    bool started_ = false, stopping_ = false;
};

}  // namespace cfs::cluster
