#pragma once
// What the cases of the configuration store share: a ring with a cfsd on every node.

#include <optional>

#include "conformance/store/store_nodes.hpp"
#include "conformance/tests/support.hpp"

namespace conformance {

class StoreTest : public RingTest {
protected:
    // Starts ring and stores, and waits until the store is writable everywhere; check `ready()` afterwards.
    void set_up_stores(const std::string& mix, lab::Plan plan, lab::Arguments options = {}) {
        plan.totem["config_version"] = "1";
        set_up(mix, std::move(plan));
        if (!ready()) return;
        stores_.emplace(laboratory(), std::move(options));
        stores().start(laboratory().all());
        stores().wait_writable(laboratory().all());
    }
    void TearDown() override {
        stores_.reset();
        RingTest::TearDown();
    }

    lab::StoreNodes& stores() { return *stores_; }
    // Of a script that has to succeed in a node's mount.
    std::string output(unsigned node, const std::string& script) {
        const auto done = stores().shell(node, script);
        EXPECT_EQ(done.status, 0) << "node " << node << ": " << script << ": " << done.err;
        return done.out;
    }
    std::string error(unsigned node, const std::string& script) { return stores().shell(node, script).err; }
    void expect_same_everywhere() {
        const auto first = stores().listing(1);
        for (const auto node : laboratory().all())
            EXPECT_EQ(stores().listing(node), first) << "node " << node;
    }

private:
    std::optional<lab::StoreNodes> stores_;
};

}  // namespace conformance
