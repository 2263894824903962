// Derivation and limits (totem-srp.md section 2, corosync-conf.md section 10).
#include "totem/srp/parameters.hpp"

#include <gtest/gtest.h>

namespace totem::srp {
namespace {

struct Row {
    Dialect dialect;
    std::size_t nodes;
    std::uint32_t token, retransmit, hold, consensus;
};

TEST(Parameters, DerivedTable) {
    constexpr Dialect v2 = Dialect::v2, v3 = Dialect::v3;
    const Row rows[] = {
        {v2, 1, 1000, 238, 180, 1200},      {v2, 2, 1000, 238, 180, 1200},      {v2, 3, 1650, 392, 303, 1980},
        {v2, 4, 2300, 547, 427, 2760},      {v2, 5, 2950, 702, 551, 3540},      {v2, 8, 4900, 1166, 922, 5880},
        {v2, 16, 10100, 2404, 1913, 12120}, {v2, 32, 20500, 4880, 3894, 24600}, {v3, 1, 3000, 714, 561, 3600},
        {v3, 2, 3000, 714, 561, 3600},      {v3, 3, 3650, 869, 685, 4380},      {v3, 4, 4300, 1023, 808, 5160},
        {v3, 5, 4950, 1178, 932, 5940},     {v3, 8, 6900, 1642, 1303, 8280},    {v3, 16, 12100, 2880, 2294, 14520},
        {v3, 32, 22500, 5357, 4275, 27000},
    };
    for (const Row& row : rows) {
        const Parameters p = derive({}, row.dialect, row.nodes);
        const std::string where = (row.dialect == v2 ? "v2, nodes " : "v3, nodes ") + std::to_string(row.nodes);
        EXPECT_EQ(p.token, row.token) << where;
        EXPECT_EQ(p.token_retransmit, row.retransmit) << where;
        EXPECT_EQ(p.hold, row.hold) << where;
        EXPECT_EQ(p.consensus, row.consensus) << where;
        EXPECT_EQ(p.fail_recv_floor, row.token) << where;
        EXPECT_EQ(violation(p, {}, row.dialect), std::nullopt) << where;
    }
}

TEST(Parameters, Defaults) {
    const Parameters p = derive({}, Dialect::v3, 2);
    EXPECT_EQ(p.token_warning, 75u);
    EXPECT_EQ(derive({}, Dialect::v2, 2).token_warning, 0u);
    EXPECT_EQ(p.join, 50u);
    EXPECT_EQ(p.send_join, 0u);
    EXPECT_EQ(p.merge, 200u);
    EXPECT_EQ(p.downcheck, 1000u);
    EXPECT_EQ(p.fail_recv_const, 2500u);
    EXPECT_EQ(p.seqno_unchanged_const, 30u);
    EXPECT_EQ(p.max_network_delay, 50u);
    EXPECT_EQ(p.window_size, 50u);
    EXPECT_EQ(p.max_messages, 17u);
    EXPECT_EQ(p.miss_count_const, 5u);
    EXPECT_FALSE(p.cancel_token_hold_on_retransmit);
}

TEST(Parameters, ZeroMeansDefaultWhereTheTableSaysSo) {
    Settings zero;
    zero.token = zero.token_retransmits_before_loss_const = zero.token_retransmit = zero.hold = zero.join =
        zero.consensus = zero.merge = zero.downcheck = zero.fail_recv_const = zero.seqno_unchanged_const =
            zero.max_network_delay = zero.window_size = zero.max_messages = zero.miss_count_const = 0;
    EXPECT_EQ(derive(zero, Dialect::v3, 5), derive({}, Dialect::v3, 5));
    Settings meant;
    meant.token_coefficient = meant.token_warning = 0;
    EXPECT_EQ(derive(meant, Dialect::v3, 5).token, 3000u);
    EXPECT_EQ(derive(meant, Dialect::v3, 5).token_warning, 0u);
}

TEST(Parameters, ExplicitValuesAreTakenAsTheyAre) {
    Settings s;
    s.token = 5000;
    s.token_retransmit = 100;
    const Parameters p = derive(s, Dialect::v2, 4);
    EXPECT_EQ(p.token, 6300u);
    EXPECT_EQ(p.token_retransmit, 100u);
    EXPECT_EQ(p.hold, 70u);
    EXPECT_EQ(p.consensus, 7560u);
}

TEST(Parameters, HugeValuesDoNotWrap) {
    Settings s;
    s.token = 0xFFFFFFFF;
    EXPECT_GE(derive(s, Dialect::v3, 384).token, 0x7FFFFFFFu);
}

std::string complaint(void (*change)(Parameters&), Dialect dialect = Dialect::v3, Settings settings = {}) {
    Parameters p = derive({}, dialect, 2);
    change(p);
    return violation(p, settings, dialect).value_or("");
}

TEST(Parameters, Violations) {
    EXPECT_EQ(complaint([](Parameters& p) { p.max_network_delay = 29; }),
              "The max_network_delay parameter (29 ms) may not be less than (30 ms).");
    EXPECT_EQ(complaint([](Parameters& p) { p.token = 10; }),
              "The token timeout parameter (10 ms) may not be less than (30 ms).");
    EXPECT_EQ(complaint([](Parameters& p) { p.token_warning = 101; }),
              "The token warning parameter (101%) must be between 0 (disabled) and 100.");
    EXPECT_EQ(complaint([](Parameters& p) { p.token_warning = 101; }, Dialect::v2), "");
    EXPECT_EQ(complaint([](Parameters& p) { p.token_retransmit = 29; }),
              "Not appropriate token or token_retransmits_before_loss_const value set");
    Settings given;
    given.token_retransmit = 29;
    EXPECT_EQ(complaint([](Parameters& p) { p.token_retransmit = 29; }, Dialect::v3, given),
              "The token retransmit timeout parameter (29 ms) may not be less than (30 ms).");
    EXPECT_EQ(complaint([](Parameters& p) { p.token_retransmit = 29; }, Dialect::v2),
              "The token retransmit timeout parameter (29 ms) may not be less than (30 ms).");
    EXPECT_EQ(complaint([](Parameters& p) { p.hold = 14; }), "");
    EXPECT_EQ(complaint([](Parameters& p) { p.hold = 13; }),
              "The token hold timeout parameter (13 ms) may not be less than (14 ms).");
    EXPECT_EQ(complaint([](Parameters& p) { p.hold = 14; }, Dialect::v2),
              "The token hold timeout parameter (14 ms) may not be less than (30 ms).");
    EXPECT_EQ(complaint([](Parameters& p) { p.join = 29; }),
              "The join timeout parameter (29 ms) may not be less than (30 ms).");
    EXPECT_EQ(complaint([](Parameters& p) { p.consensus = 29; }),
              "The consensus timeout parameter (29 ms) may not be less than (30 ms).");
    EXPECT_EQ(complaint([](Parameters& p) { p.consensus = 49; }),
              "The consensus timeout parameter (49 ms) may not be less than join timeout (50 ms).");
    EXPECT_EQ(complaint([](Parameters& p) { p.merge = 29; }),
              "The merge timeout parameter (29 ms) may not be less than (30 ms).");
    EXPECT_EQ(complaint([](Parameters& p) { p.downcheck = 29; }),
              "The downcheck timeout parameter (29 ms) may not be less than (30 ms).");
}

}  // namespace
}  // namespace totem::srp
