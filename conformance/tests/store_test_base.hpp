#pragma once
// What the cases of the configuration store share: a ring with a cfsd on every node.

#include <optional>

#include "conformance/store/store_nodes.hpp"
#include "conformance/tests/support.hpp"

namespace conformance {

class StoreTest : public RingTest {
protected:
    // Starts ring and stores, cfsd unless kinds are given, and waits until the store is writable everywhere; check
    // `ready()` afterwards.
    void set_up_stores(const std::string& mix, lab::Plan plan, lab::Arguments options = {},
                       const std::vector<lab::StoreKind>& kinds = {});
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
    // One request to the socket of a node's store.
    lab::Finished pve2(unsigned node, const lab::Arguments& words);
    std::string answer(unsigned node, const lab::Arguments& words);  // of one that has to succeed
    bool comes_to_be(const std::function<bool()>& so) { return lab::wait_until(milliseconds(20000), so); }
    // Creates, writes, renames and deletes on three nodes, one after the other and all at once.
    void change_from_all_nodes();
    // Waits for it: what one node has answered, another may not have delivered yet.
    void expect_same_everywhere();

private:
    std::optional<lab::StoreNodes> stores_;
};

}  // namespace conformance
