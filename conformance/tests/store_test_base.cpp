#include "conformance/tests/store_test_base.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace conformance {

void StoreTest::set_up_stores(const std::string& mix, lab::Plan plan, lab::Arguments options,
                              const std::vector<lab::StoreKind>& kinds) {
    for (const auto kind : kinds) {
        if (const auto reason = lab::missing_store(kind); !reason.empty()) GTEST_SKIP() << "NOT TESTED, " << reason;
    }
    plan.totem["config_version"] = "1";
    set_up(mix, std::move(plan));
    if (!ready()) return;
    stores_.emplace(laboratory(), std::move(options));
    for (unsigned node = 1; node <= kinds.size(); ++node)
        stores().use(node, kinds[node - 1]);
    stores().start(laboratory().all());
    stores().wait_writable(laboratory().all());
}

lab::Finished StoreTest::pve2(unsigned node, const lab::Arguments& words) {
    lab::Arguments command = {lab::beside_us("totem-pve2").string()};
    command.insert(command.end(), words.begin(), words.end());
    return laboratory().run(node, command);
}

std::string StoreTest::answer(unsigned node, const lab::Arguments& words) {
    const auto done = pve2(node, words);
    EXPECT_EQ(done.status, 0) << "node " << node << ": " << done.err;
    return done.out;
}

void StoreTest::change_from_all_nodes() {
    output(1, "mkdir -p nodes/node1/qemu-server nodes/node2/lxc nodes/node3 priv/lock deep/er/and/deeper");
    output(1, "echo 'memory: 512' > nodes/node1/qemu-server/100.conf");
    EXPECT_EQ(output(2, "cat nodes/node1/qemu-server/100.conf"), "memory: 512\n");
    EXPECT_NE(error(3, "echo other > nodes/node2/lxc/100.conf").find("File exists"), std::string::npos);
    output(3, "mv nodes/node1/qemu-server/100.conf nodes/node2/lxc/100.conf");
    EXPECT_EQ(output(1, "cat nodes/node2/lxc/100.conf"), "memory: 512\n");
    EXPECT_NE(output(1, "cat .vmlist").find(R"("100": { "node": "node2", "type": "lxc")"), std::string::npos);
    output(2, "seq 1 90000 | head -c 524288 > large && seq 1 1000 > deep/er/and/deeper/file");
    output(1, "truncate -s 1000 large && printf tail >> large && printf head | dd of=large conv=notrunc 2>/dev/null");
    output(3, "mkdir priv/lock/one && touch -d @1500000000 deep");
    EXPECT_NE(error(1, "mkdir priv/lock/one").find("File exists"), std::string::npos);
    // The kernel may show attributes of a real pmxcfs that are a second old.
    EXPECT_TRUE(lab::wait_until(milliseconds(5000), [&] { return output(2, "stat -c %Y deep") == "1500000000\n"; }));
    // Everybody at once.
    std::vector<std::thread> writers;
    for (const auto node : laboratory().all()) {
        writers.emplace_back([this, node] {
            output(node, fmt::format("for i in $(seq 1 40); do echo {0}-$i > w{0}-$((i % 7)).tmp && "
                                     "mv w{0}-$((i % 7)).tmp w{0}-$((i % 7)); done",
                                     node));
        });
    }
    for (auto& writer : writers)
        writer.join();
    output(2, "rm deep/er/and/deeper/file && rmdir deep/er/and/deeper priv/lock/one");
}

void StoreTest::expect_same_everywhere() {
    std::vector<std::string> listings;
    const auto same = [&] {
        listings.clear();
        for (const auto node : laboratory().all())
            listings.push_back(stores().listing(node));
        return std::ranges::all_of(listings, [&](const auto& each) { return each == listings.front(); });
    };
    if (comes_to_be(same)) return;
    for (std::size_t i = 1; i < listings.size(); ++i)
        EXPECT_EQ(listings[i], listings.front()) << "nodes " << i + 1 << " and 1";
}

}  // namespace conformance
