// Rings of totemd alone under their own packet protection: strangers, replays, and a change of keys under load.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <fstream>
#include <iterator>

#include "conformance/tests/metrics.hpp"
#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

using Datagram = std::vector<unsigned char>;

const std::vector<std::string> steady_flood = {"--rate",    "150",  "--sizes",   small_sizes,
                                               "--timeout", "3600", "--members", "3"};
constexpr std::size_t header_size = 28, tag_size = 16;

unsigned big_endian(const Datagram& bytes, std::size_t at, std::size_t size) {
    unsigned out = 0;
    for (std::size_t i = 0; i < size; ++i)
        out = out << 8 | bytes.at(at + i);
    return out;
}

// UDP payloads of the native suite to an address, of whole IPv4 packets in a capture of this machine's byte order.
std::vector<Datagram> datagrams_to(const std::filesystem::path& capture, const std::string& address) {
    std::ifstream file(capture, std::ios::binary);
    const Datagram all{std::istreambuf_iterator<char>(file), {}};
    constexpr std::size_t ethernet = 14, ip = ethernet + 20, udp = ip + 8;
    std::vector<Datagram> out;
    for (std::size_t at = 24; at + 16 <= all.size();) {
        std::uint32_t size = 0;
        std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(at + 8), 4, reinterpret_cast<unsigned char*>(&size));
        at += 16;
        if (at + size > all.size()) break;
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
        const Datagram frame(begin, begin + size);
        at += size;
        if (size < udp + header_size || big_endian(frame, 12, 2) != 0x0800 || frame[ethernet + 9] != IPPROTO_UDP)
            continue;
        const bool fragment = (big_endian(frame, ethernet + 6, 2) & 0x3fff) != 0;
        const bool native = big_endian(frame, udp, 4) == 0xF5544E31;
        if (fragment || !native || big_endian(frame, ethernet + 16, 4) != ntohl(::inet_addr(address.c_str()))) continue;
        out.emplace_back(frame.begin() + udp, frame.end());
    }
    return out;
}

class NativeTest : public RingTest {
protected:
    // Our nodes with their own cipher, started.
    void set_up_native(const std::string& cipher, const std::string& dialect, Transport transport, unsigned nodes = 3) {
        plan_.transport = transport;
        plan_.totem = {{"token", "1000"}, {"crypto_cipher", cipher}, {"dialect", dialect}};
        if (dialect == "2.x") plan_.totem["secauth"] = "on";
        if (plan_.rings > 1) plan_.totem["rrp_mode"] = "passive";
        // On a bridge a capture sees what the kernel has not cut yet.
        if (datagrams_as_sent_) plan_.totem["offload"] = "no";
        plan_.further_sections = metrics_section();
        set_up(std::string(nodes, 'T'), plan_, false);
        if (!ready()) return;
        plan_.nodes = kinds(std::string(nodes, 'T'));
        for (const auto node : laboratory().all()) {
            give_key(node, "authkey", 'a');
            laboratory().configure(node, lab::make_configuration(plan_));
        }
        laboratory().start(laboratory().all());
        laboratory().wait_ring(laboratory().all());
    }
    void give_key(unsigned node, const std::string& name, char letter) {
        const auto file = laboratory().node_directory(node) / "etc" / name;
        std::filesystem::remove(file);
        lab::write_file(file, std::string(200, letter));
        std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    }
    void configure(const Nodes& nodes, const std::map<std::string, std::string>& totem) {
        auto plan = plan_;
        plan.totem.insert(totem.begin(), totem.end());
        for (const auto node : nodes)
            laboratory().configure(node, lab::make_configuration(plan));
    }
    void reload() {
        const auto done = laboratory().run(1, {"corosync-cfgtool", "-R"});
        EXPECT_EQ(done.status, 0) << done.err;
    }
    double refused(unsigned node, const std::string& reason) {
        return Metrics::of(laboratory(),
                           node)[fmt::format("totemd_net_receive_dropped_total{{reason=\"{}\"}}", reason)];
    }
    double refused(unsigned node) { return Metrics::of(laboratory(), node).sum("totemd_net_receive_dropped_total"); }
    // Sends from node `from` to `to`, a few at a time, and waits until they were all refused there.
    void expect_refused(unsigned from, unsigned to, const std::vector<Datagram>& datagrams, const std::string& reason) {
        const auto socket = open_socket(laboratory(), from, 0);
        sockaddr_in target{};
        target.sin_family = AF_INET;
        target.sin_port = htons(5405);
        target.sin_addr.s_addr = ::inet_addr(lab::node_address(to, lab::Family::ipv4).c_str());
        const double before = refused(to, reason);
        for (std::size_t sent = 0; sent < datagrams.size();) {
            for (unsigned i = 0; i < 20 && sent < datagrams.size(); ++i, ++sent) {
                const Datagram& datagram = datagrams[sent];
                ASSERT_EQ(::sendto(socket.get(), datagram.data(), datagram.size(), 0,
                                   reinterpret_cast<const sockaddr*>(&target), sizeof target),
                          static_cast<ssize_t>(datagram.size()));
            }
            ASSERT_TRUE(lab::wait_until(milliseconds(10000),
                                        [&] { return refused(to, reason) >= before + static_cast<double>(sent); }))
                << reason << ": " << refused(to, reason) - before << " of " << sent << "\n"
                << laboratory().log(to).text();
        }
    }
    void start_floods() {
        for (const auto node : laboratory().all())
            start_flood(node, steady_flood);
        wait_for_floods();
    }
    void wait_for_log(const Nodes& nodes, const std::string& part, const std::map<unsigned, std::size_t>& marks,
                      milliseconds limit = milliseconds(15000)) {
        for (const auto node : nodes)
            EXPECT_TRUE(laboratory().log(node).wait_for(part, limit, marks.at(node))) << node << ": " << part;
    }

    lab::Plan plan_;
    bool datagrams_as_sent_ = false;  // see set_up_native()
};

struct Way {
    const char *name, *cipher, *dialect;
    Transport transport;
    unsigned rings = 1;
};

class NativeRingTest : public NativeTest, public testing::WithParamInterface<Way> {};

TEST_P(NativeRingTest, AllNodesDeliverTheSameSequence) {
    plan_.rings = GetParam().rings;
    set_up_native(GetParam().cipher, GetParam().dialect, GetParam().transport);
    if (!ready()) return;
    const auto marks = log_marks();
    flood_all(laboratory().all(), 300, wide_sizes);
    EXPECT_EQ(count_in_logs("A new membership", marks), 0u);
    for (const auto node : laboratory().all()) {
        EXPECT_EQ(refused(node), 0) << node;
        EXPECT_EQ(laboratory().log(node).count(fmt::format("protected with {}, key id 0", GetParam().cipher)), 1u);
    }
}

INSTANTIATE_TEST_SUITE_P(Ways, NativeRingTest,
                         testing::Values(Way{"xchacha20_2x_udpu", "xchacha20", "2.x", Transport::udpu},
                                         Way{"xchacha20_3x_udp", "xchacha20", "3.x", Transport::udp},
                                         Way{"aes256gcm_2x_udp", "aes256-gcm", "2.x", Transport::udp},
                                         Way{"aes256gcm_3x_udpu", "aes256-gcm", "3.x", Transport::udpu},
                                         Way{"xchacha20_two_rings", "xchacha20", "2.x", Transport::udpu, 2}),
                         [](const auto& each) { return std::string(each.param.name); });

// From a node whose address is listed, while the ring works: what was sent before, bent, cut, and what others speak.
TEST_F(NativeTest, AttacksAreCountedAndDisturbNothing) {
    datagrams_as_sent_ = true;
    set_up_native("xchacha20", "3.x", Transport::udpu);
    if (!ready()) return;
    const auto file = laboratory().directory() / "ring.pcap";
    laboratory().start_capture(file);
    flood_all({1, 2, 3}, 60, small_sizes);
    laboratory().stop_capture();
    std::vector<Datagram> seen;
    for (const Datagram& datagram : datagrams_to(file, "10.77.0.1")) {
        if (big_endian(datagram, 8, 4) == 2) seen.push_back(datagram);
    }
    ASSERT_GT(seen.size(), 50u);
    seen.resize(std::min<std::size_t>(seen.size(), 200));
    const auto marks = log_marks();
    start_floods();
    expect_refused(3, 1, seen, "replayed");
    // A counter far ahead: only the tag tells.
    std::vector<Datagram> bent, cut, legacy, older;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        bent.push_back(seen[i]);
        bent.back()[20] = 0x70;
        bent.back()[header_size + i % (seen[i].size() - header_size)] ^= static_cast<unsigned char>(1u << (i % 8));
        cut.emplace_back(seen[i].begin(),
                         seen[i].begin() + static_cast<std::ptrdiff_t>(i % (header_size + tag_size - 4) + 4));
        legacy.push_back(seen[i]);
        legacy.back()[0] = legacy.back()[1] = 0xFE;
        older.push_back(seen[i]);
        older.back()[12] = 0;
    }
    expect_refused(3, 1, bent, "bad_digest");
    expect_refused(3, 1, cut, "too_short");
    expect_refused(3, 1, legacy, "unsupported_prefix");
    expect_refused(3, 1, older, "old_session");
    for (const auto& result : finish_floods())
        expect_clean(result);
    expect_same_deliveries();
    EXPECT_EQ(count_in_logs("A new membership", marks), 0u);
    EXPECT_GT(count_in_logs("it was here before", {{1, marks.at(1)}}), 0u);
}

TEST_F(NativeTest, AnotherKeyOrFormatStaysOutside) {
    set_up_native("aes256-gcm", "2.x", Transport::udpu);
    if (!ready()) return;
    laboratory().stop(3);
    laboratory().wait_ring({1, 2});
    give_key(3, "authkey", 'x');
    auto marks = log_marks();
    laboratory().start(3);
    wait_for_log({1, 2, 3}, "Digest does not match", marks);
    laboratory().stop(3);

    auto plan = plan_;
    plan.totem.erase("crypto_cipher");
    laboratory().configure(3, lab::make_configuration(plan));
    const auto mark = laboratory().log(3).size();
    laboratory().start(3);
    EXPECT_TRUE(laboratory().log(1).wait_for("probably sent by Corosync 2.3+", milliseconds(15000), marks.at(1)));
    EXPECT_TRUE(laboratory().log(3).wait_for("probably sent by totemd with a crypto_cipher of its own",
                                             milliseconds(15000), mark));
    flood_all({1, 2}, 100, small_sizes);
    EXPECT_EQ(count_in_logs("A new membership", {{1, marks.at(1)}, {2, marks.at(2)}}), 0u);
    laboratory().stop(3);
    give_key(3, "authkey", 'a');
    laboratory().configure(3, lab::make_configuration(plan_));
    laboratory().start(3);
    laboratory().wait_ring({1, 2, 3});
}

// What corosync itself makes of such a file.
TEST_F(NativeTest, CorosyncStopsInsteadOfUsingSomethingElse) {
    plan_.transport = Transport::udpu;
    plan_.totem = {{"token", "1000"}, {"crypto_cipher", "xchacha20"}};
    set_up("C", plan_, false);
    if (!ready()) return;
    const auto done = laboratory().run(1, {"corosync", "-t"});
    EXPECT_NE(done.status, 0);
    EXPECT_NE((done.out + done.err).find("Invalid cipher type"), std::string::npos) << done.out << done.err;
}

TEST_F(NativeTest, TheKeyChangesUnderLoad) {
    datagrams_as_sent_ = true;
    set_up_native("xchacha20", "3.x", Transport::udpu);
    if (!ready()) return;
    const Nodes all = laboratory().all();
    const auto marks = log_marks();
    const auto file = laboratory().directory() / "ring.pcap";
    laboratory().start_capture(file);
    start_floods();
    laboratory().stop_capture();

    // Node 3 lacks the new key: it is named and nothing changes.
    const std::map<std::string, std::string> next = {{"next_keyfile", "/etc/corosync/authkey.next"}};
    for (const auto node : all)
        give_key(node, "authkey.next", 'b');
    configure({1, 2}, next);
    reload();
    wait_for_log(all, "The key stays as it is: key id 1 of this content is not ready on node 3.", marks);
    configure(all, next);
    reload();
    wait_for_log(all, "Packets are sent with key id 1 from now on.", marks);

    // A node that starts now, with the old configuration, follows the others.
    const auto during = finish_floods();
    for (const auto& result : during)
        expect_clean(result);
    expect_same_deliveries();
    EXPECT_EQ(count_in_logs("A new membership", marks), 0u);
    auto later = log_marks();
    laboratory().kill(3);
    laboratory().wait_ring({1, 2});
    wait_for_log({1, 2}, "Key id 0 was removed.", marks, milliseconds(90000));
    laboratory().start(3);
    laboratory().wait_ring(all);
    EXPECT_GT(laboratory().log(3).count("The others send with key id 1 already.", later.at(3)), 0u);

    // What was recorded under the old key is worth nothing any more.
    auto old = datagrams_to(file, "10.77.0.1");
    ASSERT_GT(old.size(), 0u);
    old.resize(std::min<std::size_t>(old.size(), 40));
    std::erase_if(old, [](const Datagram& datagram) { return big_endian(datagram, 8, 4) == 1; });
    expect_refused(3, 1, old, "unknown_key");

    // The new key takes the place of the old one in the files.
    later = log_marks();
    configure(all, {{"keyfile", "/etc/corosync/authkey.next"}, {"key_id", "1"}});
    reload();
    flood_all(all, 100, small_sizes);
    EXPECT_EQ(count_in_logs("A new membership", later), 0u);
    EXPECT_EQ(count_in_logs("Packets are sent with", later), 0u);
}

}  // namespace
}  // namespace conformance
