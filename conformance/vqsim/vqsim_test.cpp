// Our vote machine against corosync's simulator: the same random histories through both, the verdict of every node
// compared after every step.
//
// What is not compared, because of the simulator:
// - Its synchronisation has no barrier: a node judges a new ring before it has heard its members, and again when it
// does.
//   The same is done here with our machines (`synchronize`). With wait_for_all, whether a node that is not quorate
//   stops waiting then depends on which process was first, and is wrong in any case (spec votequorum.md section 5.1):
//   with it, a run ends when a node is not quorate any more.
// - With fewer expected votes than there are, nodes learn how many there are in the order in which they meet, and may
//   judge differently until the next change (row I6 of the specification): quorum.expected_votes is never below the
//   sum.
// - A node that hears one it does not know yet aborts, and now and then the program answers no more; the run ends.
// - It has no virtual time: windows of last man standing never end in a history.
// - It keeps one file of expected votes for all nodes: no allow_downscale, no expected_votes_tracking.
// - Its quorum device is none: no quorum.device. And it cannot set votes at run time; the tables of tests/votequorum
// do.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "conformance/vqsim/simulator.hpp"
#include "tests/votequorum/cluster.hpp"

namespace vqsim {
namespace {

using vote_test::Node;
using vote_test::Nodes;

constexpr unsigned kHistories = 2000, kSteps = 7, kWorkers = 12;

struct Options {
    std::vector<std::uint32_t> votes;
    vote::Keys keys;
    std::string text;  // of the quorum section
};

class Random {
public:
    explicit Random(unsigned seed) : engine_(seed) {}
    unsigned below(unsigned bound) { return static_cast<unsigned>(engine_() % bound); }
    bool chance(unsigned percent) { return below(100) < percent; }

private:
    std::mt19937 engine_;
};

Options random_options(Random& random) {
    Options out;
    const unsigned nodes = 1 + random.below(7);
    const bool equal = random.chance(70);
    vote::Keys::NodeList list;
    for (unsigned node = 0; node < nodes; ++node) {
        out.votes.push_back(equal ? 1 : random.below(4));
        list.votes_sum += out.votes.back();
        ++list.nodes;
    }
    vote::Keys& keys = out.keys;
    keys.nodelist = list;
    const auto number = [&](const char* key, unsigned value) { out.text += fmt::format("  {}: {}\n", key, value); };
    if ((keys.two_node = nodes <= 3 && random.chance(40))) number("two_node", 1);
    if (random.chance(40)) {
        keys.wait_for_all = random.chance(70);
        number("wait_for_all", *keys.wait_for_all);
    }
    if (random.chance(20)) {
        keys.expected_votes = list.votes_sum + random.below(4);
        number("expected_votes", *keys.expected_votes);
    }
    if ((keys.last_man_standing = random.chance(25))) {
        keys.last_man_standing_window = 3600000;
        number("last_man_standing", 1);
        number("last_man_standing_window", keys.last_man_standing_window);
    }
    if ((keys.auto_tie_breaker = random.chance(40))) {
        constexpr const char* kChoices[] = {"lowest", "highest", "3 1", "2", "2 4 1", "foo"};
        keys.auto_tie_breaker_node = kChoices[random.below(6)];
        number("auto_tie_breaker", 1);
        out.text += fmt::format("  auto_tie_breaker_node: {}\n", keys.auto_tie_breaker_node);
    }
    return out;
}

std::string configuration(const Options& options) {
    std::string out = "totem {\n  version: 2\n  transport: udpu\n  cluster_name: vqsim\n}\nnodelist {\n";
    for (std::size_t i = 0; i < options.votes.size(); ++i) {
        out += fmt::format("  node {{\n    nodeid: {0}\n    ring0_addr: 127.0.0.{0}\n    quorum_votes: {1}\n  }}\n",
                           i + 1, options.votes[i]);
    }
    return out + "}\nquorum {\n  provider: corosync_votequorum\n" + options.text + "}\n";
}

// Our machines as the simulator runs its own.
class Ours {
public:
    explicit Ours(const Options& options) : options_(options) {}

    void up(vote::NodeId node) {
        vote::Keys keys = options_.keys;
        keys.nodelist->own_votes = options_.votes[node - 1];
        nodes_[node] = std::make_unique<Node>(node, keys, 0);
        nodes_[node]->machine.start({});
        partitions_[0].push_back(node);
        synchronize(0);
    }
    void down(vote::NodeId node) {
        const unsigned partition = partition_of(node);
        std::erase(partitions_[partition], node);
        nodes_.erase(node);
        synchronize(partition);
    }
    void move(const Nodes& moved, unsigned to) {
        std::vector<unsigned> changed = {to};
        for (const vote::NodeId node : moved) {
            changed.push_back(partition_of(node));
            std::erase(partitions_[changed.back()], node);
        }
        for (const vote::NodeId node : moved)
            partitions_[to].push_back(node);
        std::sort(changed.begin(), changed.end());
        changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
        for (const unsigned partition : changed)
            synchronize(partition);
    }
    bool up_now(vote::NodeId node) const { return nodes_.contains(node); }
    unsigned partition_of(vote::NodeId node) const {
        for (const auto& [partition, members] : partitions_)
            if (std::find(members.begin(), members.end(), node) != members.end()) return partition;
        return 0;
    }
    Nodes all() const {
        Nodes out;
        for (const auto& [id, node] : nodes_)
            out.push_back(id);
        return out;
    }
    bool waits_for_all() const { return nodes_.begin()->second->machine.settings().wait_for_all; }
    bool all_quorate() const {
        return std::all_of(nodes_.begin(), nodes_.end(),
                           [](const auto& node) { return node.second->machine.quorate(); });
    }
    bool quorate(vote::NodeId node) const { return nodes_.at(node)->machine.quorate(); }
    std::size_t ring_size(vote::NodeId node) const { return nodes_.at(node)->machine.members().size(); }

private:
    void synchronize(unsigned partition) {
        const Nodes& members = partitions_[partition];
        if (members.empty()) return;
        vote::RingId ring;
        ring.rep.nodeid = members.front();
        ring.seq = sequence_ += 4;
        for (const vote::NodeId node : members) {
            vote::Machine& machine = nodes_.at(node)->machine;
            machine.sync_init(members, ring, {});
            EXPECT_TRUE(machine.sync_process());
            machine.sync_activate();
        }
        for (const vote::NodeId from : members) {
            auto& outbox = nodes_.at(from)->outbox;
            for (; !outbox.empty(); outbox.pop_front()) {
                for (const vote::NodeId to : members)
                    nodes_.at(to)->machine.on_message(from, outbox.front(), {});
            }
        }
    }

    const Options& options_;
    std::map<vote::NodeId, std::unique_ptr<Node>> nodes_;
    std::map<unsigned, Nodes> partitions_;
    std::uint64_t sequence_ = 0;
};

// A step: what the simulator is told, and the same done to ours. "" if there is nothing to do.
std::string random_step(Random& random, const Options& options, Ours& ours) {
    const auto nodes = static_cast<unsigned>(options.votes.size());
    const vote::NodeId node = 1 + random.below(nodes);
    if (!ours.up_now(node)) {
        ours.up(node);
        return fmt::format("up 0:{}", node);
    }
    if (random.chance(30) && ours.all().size() > 1) {
        ours.down(node);
        return fmt::format("down {}", node);
    }
    const unsigned to = random.below(3);
    Nodes moved;
    std::string list;
    for (const vote::NodeId each : ours.all()) {
        if (ours.partition_of(each) == to || !random.chance(50)) continue;
        moved.push_back(each);
        list += fmt::format("{}{}", list.empty() ? "" : ",", each);
    }
    if (moved.empty()) return "";
    ours.move(moved, to);
    return fmt::format("move {}:{}", to, list);
}

// What is different in what the simulator shows; "" if nothing.
std::string differs(const std::map<unsigned, State>& seen, const Ours& ours) {
    for (const vote::NodeId node : ours.all()) {
        const auto found = seen.find(node);
        if (found == seen.end()) return fmt::format("node {} is missing\n", node);
        if (found->second.members != ours.ring_size(node)) return fmt::format("the ring of node {} differs\n", node);
        if (found->second.quorate != ours.quorate(node)) {
            return fmt::format("node {}: ours says {}\n", node, ours.quorate(node));
        }
    }
    return seen.size() == ours.all().size() ? "" : "a node is left over\n";
}

// Its nodes are processes that report as they get on, and a command is over before they are: looks until both agree,
// several times over.
std::string difference_in_the_end(Simulator& theirs, const Ours& ours) {
    constexpr int kAgreements = 2;
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::string output, text;
    for (int agreed = 0; agreed < kAgreements;) {
        output = theirs.command("show");
        text = differs(states(output), ours);
        agreed = text.empty() ? agreed + 1 : 0;
        if (!text.empty() && (theirs.aborted() || std::chrono::steady_clock::now() > limit)) return output + text;
    }
    return "";
}

struct Progress {
    std::atomic<unsigned> run{0};        // numbers them
    std::atomic<unsigned> histories{0};  // of kSteps steps
    std::atomic<unsigned> silent{0};     // runs in which the simulator stopped answering
    std::atomic<unsigned> compared{0};   // steps
};

// Histories one after the other, on one configuration. "" if both agree all along; else what happened up to the
// difference.
std::string difference(unsigned seed, Progress& progress) {
    constexpr unsigned kInARow = 8;
    Random random(seed);
    Options options = random_options(random);
    while (vote::read(options.keys).failure)
        options = random_options(random);
    Simulator theirs(configuration(options));
    Ours ours(options);
    for (unsigned node = 1; node <= options.votes.size(); ++node)
        ours.up(node);
    std::string history = fmt::format("seed {}\n{}", seed, configuration(options));
    for (unsigned step = 0; step <= kInARow * kSteps; ++step) {
        if (const std::string text = difference_in_the_end(theirs, ours); !text.empty()) {
            return theirs.aborted() ? "" : history + text;
        }
        ++progress.compared;
        if (step % kSteps == 0) ++progress.histories;
        if (ours.waits_for_all() && !ours.all_quorate()) return "";
        const std::string line = random_step(random, options, ours);
        if (ours.waits_for_all() && line.starts_with("up")) return "";
        if (!line.empty()) history += theirs.command(line);
    }
    return "";
}

TEST(Vqsim, TwoThousandRandomHistories) {
    if (!available()) GTEST_SKIP() << "NOT TESTED, corosync-vqsim is not installed";
    Progress progress;
    std::mutex lock;
    std::vector<std::string> differences;
    std::vector<std::thread> workers;
    for (unsigned i = 0; i < kWorkers; ++i) {
        workers.emplace_back([&] {
            while (progress.histories < kHistories) {
                const unsigned seed = ++progress.run;
                std::string text;
                try {
                    text = difference(seed, progress);
                } catch (const NoAnswer&) {
                    ++progress.silent;
                } catch (const std::exception& error) {
                    text = fmt::format("seed {}: {}", seed, error.what());
                }
                const std::lock_guard guard(lock);
                if (!text.empty()) differences.push_back(std::move(text));
            }
        });
    }
    for (std::thread& worker : workers)
        worker.join();
    EXPECT_EQ(differences.size(), 0u);
    EXPECT_LE(progress.silent, 2 + progress.run / 20);
    EXPECT_GT(progress.compared, kHistories * kSteps / 2) << "histories end too early to tell anything";
    for (std::size_t i = 0; i < std::min<std::size_t>(differences.size(), 5); ++i)
        ADD_FAILURE() << differences[i];
}

}  // namespace
}  // namespace vqsim
