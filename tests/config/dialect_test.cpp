// Which dialect a file means.
#include "engine/config/dialect.hpp"

#include <gtest/gtest.h>

#include "tests/config/support.hpp"

namespace engine::config {
namespace {

constexpr auto v2 = totem::Dialect::v2, v3 = totem::Dialect::v3;

std::string totem_section(const std::string& lines) {
    return "totem {\n version: 2\n" + lines + "\n}\n";
}

void expect(const std::string& text, totem::Dialect dialect, const std::string& because) {
    const DialectChoice choice = choose_dialect(text);
    EXPECT_EQ(choice.dialect, dialect) << text;
    EXPECT_EQ(choice.because, because) << text;
    EXPECT_FALSE(choice.open) << text;
}

TEST(Dialect, TheKeyDecides) {
    expect(totem_section("dialect: 2.x"), v2, "");
    expect(totem_section("dialect: 3.x"), v3, "");
    expect(totem_section("dialect: 2.x\n link_mode: passive\n transport: knet"), v2, "");
    expect(totem_section("dialect: 3.x\n rrp_mode: passive\n transport: udp"), v3, "");
    expect("foo {\n dialect: 2.x\n}\n", v3, "");
}

TEST(Dialect, RedundantRingsAndSecauthMean2x) {
    expect(totem_section("rrp_mode: passive"), v2, "totem.rrp_mode");
    expect(totem_section("dialect: auto\n transport: udpu\n secauth: on"), v2, "totem.secauth");
    expect(totem_section("transport: udp\n crypto_cipher: aes128"), v2, "totem.crypto_cipher");
    expect(totem_section("transport: udp\n crypto_hash: sha256"), v2, "totem.crypto_hash");
    expect(totem_section("interface {\n ringnumber: 0\n bindnetaddr: 10.0.0.0\n }"), v2, "totem.interface.ringnumber");
    expect(totem_section("transport: udpu") + "nodelist {\n node {\n ring0_addr: a\n ring1_addr: b\n }\n}\n", v2,
           "nodelist.node.ring1_addr");
}

TEST(Dialect, Keys2xDoesNotHaveMean3xWhateverIsLeftOver) {
    expect(totem_section("secauth: on\n link_mode: passive"), v3, "totem.link_mode");
    expect(totem_section("secauth: on\n interface {\n linknumber: 0\n }"), v3, "totem.interface.linknumber");
    expect(totem_section("transport: knet\n rrp_mode: passive"), v3, "totem.transport");
    expect(totem_section("transport: udp\n rrp_mode: passive") + "system {\n sched_rr: no\n}\n", v3, "system.sched_rr");
}

TEST(Dialect, WhatBothHaveLeavesItOpen) {
    for (const char* lines : {"transport: udp", "transport: udpu\n secauth: off\n crypto_cipher: none\n token: 2000",
                              "dialect: auto\n transport: udp", "transport: udpu\n crypto_cipher: xchacha20"}) {
        const DialectChoice choice = choose_dialect(totem_section(lines));
        EXPECT_TRUE(choice.open) << lines;
        EXPECT_EQ(choice.dialect, v3) << lines;
        EXPECT_EQ(choice.because, "") << lines;
    }
    // Without a transport that both have 3.x means knet, which is refused, and nobody is to be listened to.
    expect(totem_section("token: 2000"), v3, "");
    expect("", v3, "");
}

TEST(Dialect, OtherValuesAreRefused) {
    EXPECT_EQ(read_error("totem {\n dialect: 4.x\n}\n"),
              "parser error: t.conf:2: Invalid dialect. Should be 2.x, 3.x or auto");
}

TEST(Dialect, IsFoundInAFileThatIsBrokenElsewhere) {
    EXPECT_EQ(choose_dialect("totem {\n dialect: 2.x\n}\n}\n").dialect, v2);
    EXPECT_EQ(choose_dialect("totem {\n dialect: 2.x\n token: 1x\n").dialect, v2);
}

// The tools choose their words by it.
TEST(Dialect, IsInTheMapWhenDecided) {
    EXPECT_EQ(read(totem_section("rrp_mode: passive")).map.get_string("totem.dialect"), "2.x");
    EXPECT_EQ(read(totem_section("dialect: auto\n transport: udp")).map.get_string("totem.dialect"), "3.x");
    EXPECT_FALSE(read(totem_section("transport: udp")).map.contains("totem.dialect"));
}

}  // namespace
}  // namespace engine::config
