// corosync.conf read and written again (pvecm.md section 5).
#include "pvecm/config/document.hpp"

#include <gtest/gtest.h>

#include "pvecm/error.hpp"
#include "tests/pvecm/refusal.hpp"

namespace pvecm::config {
namespace {

std::string rewritten(const std::string& text) {
    return write(parse(text, "corosync.conf"));
}

std::string refused(const std::string& text) {
    return refusal([&] { parse(text, "corosync.conf"); });
}

TEST(Document, WritesKeysInOrderAndKeepsWhatItDoesNotKnow) {
    EXPECT_EQ(rewritten("totem {\n"
                        "    version: 2\n"
                        "    interface {\n        ringnumber: 1\n        bindnetaddr: 10.1.0.1\n    }\n"
                        "    interface {\n        ringnumber: 0\n        bindnetaddr: fd00::1\n    }\n"
                        "    cluster_name: a\n"
                        "}\n"
                        "quorum {\n    provider: corosync_votequorum\n    device {\n        model: net\n"
                        "        net {\n            host: h\n        }\n    }\n}\n"
                        "nodelist {\n    node {\n        ring0_addr: hp2\n        name: b\n    }\n"
                        "    node {\n        ring0_addr: a\n        mine: x y\n    }\n}\n"
                        "own {\n    key: value:with:colons\n}\n"),
              "nodelist {\n"
              "  node {\n    mine: x y\n    ring0_addr: a\n  }\n"
              "  node {\n    name: b\n    ring0_addr: hp2\n  }\n"
              "}\n\n"
              "own {\n  key: value:with:colons\n}\n\n"
              "quorum {\n  device {\n    model: net\n    net {\n      host: h\n    }\n  }\n"
              "  provider: corosync_votequorum\n}\n\n"
              "totem {\n"
              "  cluster_name: a\n"
              "  interface {\n    bindnetaddr: fd00::1\n    ringnumber: 0\n  }\n"
              "  interface {\n    bindnetaddr: 10.1.0.1\n    ringnumber: 1\n  }\n"
              "  version: 2\n"
              "}\n\n");
}

TEST(Document, ReadsWhatPeopleWrite) {
    EXPECT_EQ(rewritten("# all of it\r\ntotem {\r\n\tversion:2 # of the file\r\n  #interface {\r\n}\r\n"),
              "totem {\n  version: 2\n}\n\n");
    EXPECT_EQ(rewritten("logging {\n logfile: /var/log/a#b\n}\n"), "logging {\n  logfile: /var/log/a#b\n}\n\n");
    EXPECT_EQ(rewritten("totem {\n a: 1\n}\ntotem {\n a: 2\n b: 3\n}\n"), "totem {\n  a: 2\n  b: 3\n}\n\n")
        << "sections that may not repeat are one, as for the engine";
}

TEST(Document, NamesThePlaceOfAnError) {
    EXPECT_EQ(refused("totem {\n"), "parser error: corosync.conf:1: Missing closing brace");
    EXPECT_EQ(refused("totem {\n}\n}\n"), "parser error: corosync.conf:3: Unexpected closing brace");
    EXPECT_EQ(refused("totem {\n version 2\n}\n"),
              "parser error: corosync.conf:2: Line is not opening or closing section or key value");
}

TEST(Document, RaisesItsVersion) {
    Section root = parse("totem {\n config_version: 41\n}\n", "");
    raise_version(root);
    EXPECT_EQ(version(root), 42U);
    for (const char* const without :
         {"", "totem {\n}\n", "totem {\n config_version: x\n}\n", "totem {\n config_version: 0\n}\n"}) {
        Section other = parse(without, "");
        EXPECT_THROW(raise_version(other), Error) << without;
    }
}

}  // namespace
}  // namespace pvecm::config
