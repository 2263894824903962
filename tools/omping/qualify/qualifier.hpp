#pragma once
// Runs the tests of the qualifier on the sockets: waits for the hosts, learns what it can before it joins the group,
// then burst, sizes, long test, and exchanges results with who qualifies, too. One thread. Spec omping.md section 14.

#include <functional>

#include "tools/omping/net.hpp"
#include "tools/omping/qualify/packet_socket.hpp"
#include "tools/omping/qualify/progress.hpp"
#include "tools/omping/qualify/results.hpp"
#include "tools/omping/wait.hpp"

namespace tools::omping::qualify {

inline constexpr milliseconds kBurstInterval{1}, kLongInterval{1000};
inline constexpr Duration kJoinLimit = std::chrono::seconds(10);  // of a host that was there before

inline double seconds_of(Duration time) {
    return std::chrono::duration<double>(time).count();
}

class Qualifier final : NodeObserver {
public:
    Qualifier(const Options& options, const Selection& hosts, const Cluster& cluster);
    ~Qualifier() override;

    Results run();
    void finish();  // tells the others that they need not wait for us

private:
    struct Peer;

    // --- phases, in their order
    void discover();  // look_around.cpp
    void look_before_joining();
    void join();
    void test(const std::string& name, milliseconds interval, std::uint64_t count);  // measure.cpp
    void find_sizes();                                                               // find_sizes.cpp
    void share();                                                                    // share.cpp

    // --- steps of them
    void find_path_mtu();
    void climb_ladder();
    void pass_size(unsigned tries, bool group_too);
    void count_group_packets(PacketSocket& socket);
    void begin_clients(const ClientSettings& settings);
    void connect_clients(Duration limit);
    bool share_step();
    void run_test(const std::string& name, milliseconds interval, std::uint64_t count);
    void set_extra(std::size_t host, std::vector<Option> further = {});

    // Handles what comes until the time is over, `done` says so, or the user is tired of it.
    void pump(Duration limit, const std::function<bool()>& done = {});
    bool interrupted() const { return waiter_.interrupted(); }
    template <typename Function>
    bool all_of_reachable(Function function) const {
        for (std::size_t host = 0; host < results_.peers.size(); ++host) {
            if (results_.peers[host].reachable && !function(host)) return false;
        }
        return true;
    }

    void waiting(std::size_t host) override;
    void joined(std::size_t host) override;
    void stopped(std::size_t host, StopReason reason) override;
    void replied(std::size_t host, const Reply& reply) override;
    void asked(std::size_t host, const Message& message, Duration turnaround) override;

    Options options_;
    Selection hosts_;
    Results results_;
    Sockets sockets_;
    Node node_;
    Waiter waiter_;
    Progress progress_;
    std::vector<Peer> peers_;
    PacketSocket membership_;
    Histogram turnaround_;
    Datagram presence_, padding_;
    Instant listening_since_, joined_at_;
    bool testing_ = false;
};

}  // namespace tools::omping::qualify
