#pragma once
// One run of the store's simulator: replicas on a group in memory, their disks and clients, virtual time, faults.

#include <queue>

#include "tests/sim/runner.hpp"
#include "tests/sim_cfs/clients.hpp"
#include "tests/sim_cfs/scenario.hpp"

namespace totem::sim::store {

// One run of the store, as run_seed() is one of the ring.
Report run_store_seed(std::uint64_t seed, std::size_t keep, const Trace::Sink& sink = {});

class StoreWorld final : NodeEvents {
public:
    StoreWorld(const Scenario& scenario, Trace& trace);
    Outcome run();

private:
    struct Machine {
        std::uint32_t index = 0;
        unsigned component = 0;
        std::uint32_t lives = 0;
        std::unique_ptr<Disk> disk;
        std::unique_ptr<Clients> clients;
        std::unique_ptr<Node> node;  // null while it is down
        bool sequencing = false, dispatching = false;
        Instant timer = kNever;
    };
    struct Step {
        Time at = 0;
        std::uint64_t order = 0;
        std::function<void()> what;
        bool operator<(const Step& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
    };

    // NodeEvents
    Now now(const Node& node) const override;
    void report(const Node& node, cfs::Severity severity, std::string_view text) override;
    void changed(const Node& node, const cfs::Change& change, const cfs::Entry& before) override;

    void after(Time delay, std::function<void()> what);
    // Only if the machine is still in the same life.
    void after(Time delay, Machine& machine, std::function<void(Node&)> what);
    void look_around();
    void look_after(Machine& machine);
    void dispatch(Machine& machine, Node& node);
    void write_disk(Machine& machine);
    void schedule_timer(Machine& machine);

    void start(Machine& machine);
    void crash(Machine& machine, Time down);
    void rearrange(const std::vector<unsigned>& components);
    bool has_quorum(unsigned component) const;
    void tell_quorum();
    void schedule_faults();
    void apply(const Fault& fault);
    void calm();
    bool settled() const;
    void client_turn(Machine& machine);
    void lock_turn(Machine& machine);
    Time virtual_now() const { return now_; }

    const Scenario scenario_;
    Trace& trace_;
    Verdict verdict_;
    Oracles oracles_;
    Rng network_, disks_, faults_;
    cfs::replica::MemoryGroup group_;
    std::vector<Machine> machines_;
    std::priority_queue<Step> steps_;
    std::uint64_t order_ = 0, events_ = 0;
    Time now_ = 0;
    bool calm_ = false;
    bool event_quorate_ = false;  // of the event that is being dispatched
};

}  // namespace totem::sim::store
