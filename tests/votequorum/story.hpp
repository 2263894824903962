#pragma once
// A history of a cluster as a sentence, and what it must come to: the rows of spec votequorum.md section 9.
//
//   Story(nodelist(3)).up({1}).expect("{1} N 2/3/3/1").up({2}).expect("{1,2} Y 2/3/3/2");
//
// An expected result is "{nodes} Y|N quorum/expected/highest/total flags": 2N two node, W wait for all, L last man
// standing, A auto tie breaker, D downscale; "w=0" and "w=1" the status of waiting for all. Several are separated by
// "; ". "*" stands for all running nodes. Every listed node must say the same.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <sstream>
#include <string>

#include "tests/votequorum/cluster.hpp"

namespace vote_test {

inline constexpr char kDevice[] = "QDEVICE";

inline void device(Keys& keys) {
    keys.device_model = "net";
    keys.device_votes = 1;
    keys.expected_votes = 3;
}

class Story {
public:
    using Change = std::function<void(Keys&)>;

    explicit Story(Keys keys, Change change = {}) : keys_(std::move(keys)) {
        if (change) change(keys_);
    }
    // A node configured differently.
    Story& differs(NodeId node, const Change& change) {
        own_[node] = keys_;
        change(own_[node]);
        return *this;
    }
    Story& barrier_on_disk(std::uint32_t barrier) {
        barrier_ = barrier;
        return *this;
    }

    // Boots each alone, then it joins those that run, one after the other.
    Story& up(const Nodes& nodes) {
        for (const NodeId node : nodes) {
            boot(node);
            if (cluster.all().size() > 1) merge();
        }
        return *this;
    }
    Story& boot(NodeId node) {
        cluster.boot(node, own_.contains(node) ? own_.at(node) : keys_, barrier_);
        return *this;
    }
    Story& merge() {
        cluster.change({cluster.all()});
        return *this;
    }
    Story& split(const std::vector<Nodes>& sides) {
        cluster.change(sides);
        return *this;
    }
    Story& kill(const Nodes& nodes) {
        cluster.kill(nodes);
        return *this;
    }
    Story& leave(const Nodes& nodes) {
        for (const NodeId node : nodes)
            cluster.leave(node);
        return *this;
    }
    Story& wait(int seconds) {
        cluster.pass(std::chrono::seconds(seconds));
        return *this;
    }
    Story& set_expected(NodeId on, std::uint32_t votes, vote::Result result = vote::Result::ok) {
        EXPECT_EQ(cluster.machine(on).set_expected_votes(votes), result) << "set expected " << votes;
        cluster.deliver();
        return *this;
    }
    Story& set_votes(NodeId on, NodeId node, std::uint32_t votes, vote::Result result = vote::Result::ok) {
        EXPECT_EQ(cluster.machine(on).set_node_votes(node, votes), result) << "set votes " << votes;
        cluster.deliver();
        return *this;
    }
    Story& cancel_wait(NodeId on) {
        cluster.machine(on).cancel_wait_for_all(cluster.now);
        cluster.deliver();
        return *this;
    }
    // New keys on these nodes.
    Story& reconfigure(const Nodes& nodes, const Change& change) {
        change(keys_);
        for (const NodeId node : nodes)
            cluster.machine(node).configure(keys_, cluster.now);
        cluster.deliver();
        return *this;
    }
    Story& enrol(const Nodes& nodes, const std::string& name = kDevice, vote::Result result = vote::Result::ok) {
        for (const NodeId node : nodes) {
            cluster.at(node).registered.reset();
            const auto at_once = cluster.machine(node).register_device(1, name);
            cluster.deliver();
            EXPECT_EQ(at_once ? at_once : cluster.at(node).registered, result) << "node " << node;
        }
        return *this;
    }
    Story& poll(const Nodes& nodes, bool vote = true) {
        for (const NodeId node : nodes) {
            const vote::RingId ring = cluster.machine(node).ring();
            EXPECT_EQ(cluster.machine(node).poll_device(kDevice, vote, ring.rep.nodeid, ring.seq, cluster.now),
                      vote::Result::ok);
        }
        cluster.deliver();
        return *this;
    }
    // A change of rings in the midst of which devices speak.
    Story& split_with_polls(const std::vector<Nodes>& sides, const Nodes& voted, const Nodes& refused) {
        cluster.start_change(sides);
        poll(voted).poll(refused, false);
        cluster.finish_change();
        return *this;
    }

    Story& expect(const std::string& results) {
        std::istringstream in(results);
        for (std::string result; std::getline(in, result, ';');)
            expect_one(result.substr(result.find_first_not_of(' ')));
        return *this;
    }
    Story& check(const std::function<void(Cluster&)>& look) {
        look(cluster);
        return *this;
    }

    Cluster cluster;

private:
    // What a node says in the words of the table.
    std::string say(NodeId node, const std::string& flags) {
        const vote::Info info = *cluster.machine(node).info(0);
        std::string out = fmt::format("{} {}/{}/{}/{}", info.flags & vote::kInfoQuorate ? "Y" : "N", info.quorum,
                                      info.record.expected_votes, info.highest_expected, info.total_votes);
        const auto add = [&](bool on, const char* name) { out += on ? fmt::format(" {}", name) : ""; };
        add(info.flags & vote::kInfoTwoNode, "2N");
        add(info.flags & vote::kInfoWaitForAll, "W");
        add(info.flags & vote::kInfoLastManStanding, "L");
        add(info.flags & vote::kInfoTieBreaker, "A");
        add(info.flags & vote::kInfoDownscale, "D");
        if (flags.find("w=") != std::string::npos) {
            out += fmt::format(" w={}", cluster.machine(node).waiting_for_all() ? 1 : 0);
        }
        return out;
    }
    void expect_one(const std::string& result) {
        const auto end = result.find_first_of("} ", 1);
        std::string who = result.substr(0, result[0] == '{' ? end + 1 : end);
        const std::string what = result.substr(result.find_first_not_of(' ', who.size()));
        Nodes nodes;
        if (who == "*") {
            nodes = cluster.all();
        } else {
            std::replace(who.begin(), who.end(), ',', ' ');
            std::istringstream in(who.substr(1, who.size() - 2));
            for (NodeId node = 0; in >> node;)
                nodes.push_back(node);
        }
        EXPECT_FALSE(nodes.empty());
        for (const NodeId node : nodes)
            EXPECT_EQ(say(node, what), what) << "node " << node << " of " << result;
    }

    Keys keys_;
    std::map<NodeId, Keys> own_;
    std::uint32_t barrier_ = 0;
};

}  // namespace vote_test
