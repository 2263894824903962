// Our token fields against those of Wireshark's dissector, an implementation we did not write. It
// knows the token and the hold cancel of the 2.x dialect (tests/data/captures/README.md).

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>

#include "tests/support/captures.hpp"
#include "totem/crypto/suite.hpp"
#include "totem/wire/codec.hpp"

namespace totem::wire {
namespace {

std::string output_of(const std::string& command) {
    std::string out;
    FILE* pipe = popen(command.c_str(), "r");
    if (!pipe) return out;
    char buffer[4096];
    for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        out.append(buffer, n);
    return pclose(pipe) == 0 ? out : "";
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, separator);)
        out.push_back(part);
    return out;
}

// What tshark says about each frame: one string of comma-separated values for each field.
constexpr const char* kFields[] = {
    "message_header.type", "message_header.nodeid", "orf_token.seq",     "orf_token.aru",
    "orf_token.aru_addr",  "orf_token.backlog",     "orf_token.fcc",     "orf_token.retrans_flg",
    "memb_ring_id.seq",    "ip_address.addr4",      "ip_address.nodeid", "orf_token.rtr_list_entries",
    "rtr_item.seq",
};

// "14,20" out of a list of numbers.
class List {
public:
    template <typename T>
    void add(T value) {
        std::ostringstream text;
        text << value;
        text_ += (text_.empty() ? "" : ",") + text.str();
    }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

// The same values as our decoder sees them, in the order in which they stand in the packet.
std::vector<std::string> fields_of(const Token& token) {
    List rings, addresses, nodes, requests;
    const auto add_ring = [&](const RingId& ring) {
        rings.add(ring.seq);
        addresses.add(ring.rep.text());
        nodes.add(ring.rep.nodeid);
    };
    add_ring(token.ring);
    for (std::uint32_t i = 0; i < token.rtr_count; ++i) {
        add_ring(token.rtr[i].ring);
        requests.add(token.rtr[i].seq);
    }
    const auto text = [](auto value) { return std::to_string(value); };
    // The dissector gives seq and token_seq one name.
    return {"0",
            text(token.header.nodeid),
            text(token.seq) + "," + text(token.token_seq),
            text(token.aru),
            text(token.aru_addr),
            text(token.backlog),
            text(token.fcc),
            text(token.retrans_flg),
            rings.text(),
            addresses.text(),
            nodes.text(),
            text(token.rtr_count),
            requests.text()};
}

class Tshark : public testing::TestWithParam<const char*> {};

TEST_P(Tshark, PrintsTheSameTokens) {
    if (output_of("tshark --version 2>/dev/null").empty() || std::system("command -v editcap >/dev/null") != 0) {
        std::cerr << "WARNING: tshark or editcap is not installed: tokens are NOT compared with Wireshark\n";
        GTEST_SKIP() << "NOT TESTED, tshark or editcap is not installed";
    }
    const test::Capture capture = test::capture(GetParam());
    const std::filesystem::path cut = std::filesystem::temp_directory_path() /
                                      ("totem-tshark-" + std::to_string(getpid()) + "-" + capture.name + ".pcap");
    // 46 bytes: Ethernet, IPv4, UDP and the protection prefix.
    ASSERT_EQ(
        std::system(("editcap -F pcap -C 46 -T user0 '" + capture.path.string() + "' '" + cut.string() + "'").c_str()),
        0);
    std::string command = "tshark -r '" + cut.string() +
                          "' -o 'uat:user_dlts:\"User 0 (DLT=147)\",\"corosync_totemsrp\",\"0\",\"\",\"0\",\"\"'"
                          " -T fields -E separator='|' -E occurrence=a -e frame.number";
    for (const char* field : kFields)
        command += std::string(" -e corosync_totemsrp.") + field;
    const std::string printed = output_of(command + " 2>/dev/null");
    std::filesystem::remove(cut);

    std::map<std::size_t, std::vector<std::string>> theirs;
    for (const std::string& line : split(printed, '\n')) {
        std::vector<std::string> fields = split(line, '|');
        fields.resize(std::size(kFields) + 1);  // an empty last field leaves no part
        theirs[std::stoul(fields[0])] = {fields.begin() + 1, fields.end()};
    }

    const Codec codec(Dialect::v2);
    std::size_t compared = 0, with_requests = 0;
    for (test::Datagram& datagram : capture.datagrams()) {
        Bytes message;
        Token token;
        ASSERT_EQ(crypto::make_plain_suite(Dialect::v2)->open(datagram.payload, message), crypto::Reject::none);
        if (codec.decode(message, token) != Drop::none) {
            EXPECT_NE(theirs[datagram.frame].at(0), "0") << "frame " << datagram.frame;
            continue;
        }
        ASSERT_EQ(theirs[datagram.frame], fields_of(token)) << "frame " << datagram.frame;
        ++compared;
        with_requests += token.rtr_count > 0;
    }
    EXPECT_GT(compared, 40u);
    EXPECT_TRUE(with_requests > 3 || capture.scenario != "loss") << with_requests;
}

INSTANTIATE_TEST_SUITE_P(Captures, Tshark,
                         testing::Values("2x-udp-form", "2x-udp-loss", "2x-udp-recover", "2x-udpu-loss",
                                         "2x-udp-passive-loss", "2x-udp-active-mixed"),
                         [](const auto& instance) {
                             std::string name = instance.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

}  // namespace
}  // namespace totem::wire
