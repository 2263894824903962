// Status texts, verbatim. Spec totem-rrp.md section 10.1.

#include <gtest/gtest.h>

#include "totem/rrp/status.hpp"

namespace totem::rrp {
namespace {

using Kind = Status::Kind;

TEST(Status, Texts) {
    EXPECT_EQ(describe({}, 0, "10.0.0.1"), "ring 0 active with no faults");
    EXPECT_EQ(describe({.kind = Kind::marked_passive}, 1, "10.0.1.1"), "Marking ringid 1 interface 10.0.1.1 FAULTY");
    EXPECT_EQ(describe({.kind = Kind::marked_active, .token_seq = 259}, 1, "10.0.1.2"),
              "Marking seqid 259 ringid 1 interface 10.0.1.2 FAULTY");
    EXPECT_EQ(describe({.kind = Kind::incrementing, .token_seq = 210, .count = 1, .threshold = 10}, 1, "10.0.1.1"),
              "Incrementing problem counter for seqid 210 iface 10.0.1.1 to [1 of 10]");
    EXPECT_EQ(describe({.kind = Kind::decrementing, .token_seq = 210, .count = 2, .threshold = 10}, 1, "10.0.1.1"),
              "Decrementing problem counter for iface 10.0.1.1 to [2 of 10]");
}

TEST(Status, SequenceNumbersAreSigned) {
    EXPECT_EQ(describe({.kind = Kind::marked_active, .token_seq = 0xFFFFFFFF}, 0, "::1"),
              "Marking seqid -1 ringid 0 interface ::1 FAULTY");
}

// What cfgtool's clients can hold (10.2).
TEST(Status, NoneIsTooLong) {
    const std::string longest = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255";
    for (const Kind kind : {Kind::fine, Kind::marked_passive, Kind::marked_active, Kind::incrementing}) {
        const Status status{.kind = kind, .token_seq = 0x80000000, .count = 0xFFFFFFFF, .threshold = 0xFFFFFFFF};
        EXPECT_LT(describe(status, 1, longest).size(), 512u);
    }
}

TEST(Status, OnlyMarkedIsFaulty) {
    for (const Kind kind :
         {Kind::fine, Kind::marked_passive, Kind::marked_active, Kind::incrementing, Kind::decrementing}) {
        const Status status{.kind = kind};
        EXPECT_EQ(status.faulty(), describe(status, 0, "").find("FAULTY") != std::string::npos);
    }
}

}  // namespace
}  // namespace totem::rrp
