#pragma once
// What the cases of pvecm share.

#include <optional>
#include <string>

#include "conformance/pvecm/pvecm_nodes.hpp"
#include "conformance/tests/support.hpp"

namespace conformance {

class PvecmTest : public RingTest {
protected:
    inline static const std::string conf_file = "/etc/pve/corosync.conf";

    // One letter per node, as everywhere. With corosync 3.x among them the cluster is one of dialect 3.x.
    void install(const std::string& mix, unsigned rings = 1);
    // ... and a cluster of them.
    void make_three(const std::string& mix, unsigned rings = 1);
    void TearDown() override;

    lab::PvecmNodes& nodes() { return *nodes_; }
    // Of a command that has to succeed.
    std::string output(unsigned node, const lab::Arguments& words);
    std::string shell(unsigned node, const std::string& script);
    // Of a command that has to fail: what it says is wrong.
    std::string refused(unsigned node, const lab::Arguments& words);
    std::string create();
    std::string add(unsigned node) { return output(node, {"add", address(1)}); }
    static std::string address(unsigned node, unsigned ring = 0) {
        return lab::node_address(node, lab::Family::ipv4, ring);
    }

    // Until the engine says so; it is what people look at.
    void await_status(unsigned node, const std::string& part);
    // Until pvecm succeeds there with that.
    void await_success(unsigned node, const lab::Arguments& words);
    // Everybody shows the same store, and what one writes the others see.
    void expect_one_store(const Nodes& members);
    // Nothing of a cluster is on that node, and it takes changes.
    void expect_alone(unsigned node);

private:
    std::optional<lab::PvecmNodes> nodes_;
    bool dialect_3x_ = false;
};

// ... and those that are asked of several mixes.
class PvecmMixTest : public PvecmTest, public testing::WithParamInterface<const char*> {};

inline std::string mix_name(const testing::TestParamInfo<const char*>& info) {
    return info.param;
}

}  // namespace conformance
