#include "conformance/demo/store_scenes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace demo {

using lab::milliseconds;

namespace {

constexpr milliseconds limit{30000};
constexpr const char* guest = "nodes/node1/qemu-server/100.conf";

}  // namespace

lab::Finished StoreScenes::type(unsigned node, const std::string& script) {
    narrator_.say(fmt::format("node{} /etc/pve # {}", node, script));
    auto done = stores_.shell(node, script);
    for (const std::string* text : {&done.out, &done.err}) {
        for (std::size_t at = 0; at < text->size();) {
            const auto end = std::min(text->find('\n', at), text->size());
            narrator_.say("    " + text->substr(at, end - at));
            at = end + 1;
        }
    }
    return done;
}

void StoreScenes::wait_until(const std::string& what, const std::function<bool()>& so) {
    if (!narrator_.wait(what, limit, so)) throw lab::LabError("it did not happen: " + what);
}

void StoreScenes::mount() {
    narrator_.scene("The configuration store is mounted on all nodes");
    stores_.start(lab_.all());
    wait_until("the three cfsd find each other", [&] {
        return std::ranges::all_of(
            lab_.all(), [&](unsigned node) { return stores_.online(node) == lab_.size() && stores_.writable(node); });
    });
    output(3, "cat .members");
    narrator_.check(true, "every node sees the others online, and the store is writable everywhere");
}

void StoreScenes::write_and_read() {
    narrator_.scene("A file written on one node is read on the others");
    output(1, "echo 'dir: local' > storage.cfg");
    bool same = true;
    for (const unsigned node : {2U, 3U})
        same = output(node, "cat storage.cfg") == "dir: local\n" && same;
    narrator_.check(same, "nodes 2 and 3 read what node 1 has written");
}

void StoreScenes::move_guest() {
    narrator_.scene("The configuration of a guest moves between nodes; one id has one owner");
    output(1,
           fmt::format("mkdir -p nodes/node1/qemu-server nodes/node2/qemu-server && echo 'memory: 512' > {}", guest));
    const auto refused = type(3, "echo 'memory: 1' > nodes/node2/qemu-server/100.conf");
    narrator_.check(refused.err.find("File exists") != std::string::npos,
                    "a second guest 100 is refused on every node");
    output(2, fmt::format("mv {} nodes/node2/qemu-server/", guest));
    narrator_.check(output(3, "cat .vmlist").find(R"("100": { "node": "node2")") != std::string::npos,
                    "all nodes know that node 2 has it now");
}

void StoreScenes::lose_quorum() {
    narrator_.scene("One node is killed, then a second one: the last is read-only");
    lab_.kill(3);
    wait_until("two of three have quorum", [&] { return stores_.online(1) == 2 && stores_.writable(1); });
    narrator_.check(type(1, "echo still > here").status == 0, "with two of three nodes it is writable");
    lab_.kill(2);
    wait_until("the last node learns that it is alone", [&] { return !stores_.writable(1); });
    const auto refused = type(1, "echo more > here");
    narrator_.check(refused.err.find("Permission denied") != std::string::npos,
                    "writing without quorum fails with a clear error");
    narrator_.check(output(1, "cat here && ls -ld local").starts_with("still\n"), "and reading goes on");
}

void StoreScenes::heal() {
    narrator_.scene("Both come back");
    lab_.start(2);
    lab_.start(3);
    wait_until("the store is writable on all nodes", [&] {
        return std::ranges::all_of(
            lab_.all(), [&](unsigned node) { return stores_.online(node) == lab_.size() && stores_.writable(node); });
    });
    output(3, "echo all > here");
    const auto first = stores_.listing(1);
    narrator_.check(
        first == stores_.listing(2) && first == stores_.listing(3) && stores_.shell(1, "cat here").out == "all\n",
        "writable again, and the same tree on all nodes:");
    output(2, "find . -type f -not -name '.*' | sort | xargs md5sum");
}

}  // namespace demo
