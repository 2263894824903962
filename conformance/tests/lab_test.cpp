// The laboratory itself, with real corosync nodes only.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

class LabTest : public RingTest {};

TEST_F(LabTest, NodesHaveTheirOwnFilesAndNames) {
    set_up("CC", {}, false);
    if (!ready()) return;
    EXPECT_EQ(laboratory().run(2, {"hostname"}).out, "node2\n");
    EXPECT_EQ(
        laboratory().run(1, {"sh", "-c", "echo one >/dev/shm/mine; echo two >/run/mine; ls /var/lib/corosync"}).out,
        "");
    EXPECT_NE(laboratory().run(2, {"cat", "/dev/shm/mine", "/run/mine"}).status, 0);
    EXPECT_FALSE(std::filesystem::exists("/dev/shm/mine"));
    EXPECT_FALSE(std::filesystem::exists("/run/mine"));
    EXPECT_EQ(laboratory().run(1, {"sh", "-c", "exit 7"}).status, 7);
    EXPECT_EQ(laboratory().run(1, {"sh", "-c", "kill -9 $$"}).status, 128 + SIGKILL);
    EXPECT_THROW(laboratory().run(1, {"no-such-program"}), lab::LabError);
    EXPECT_THROW(laboratory().run(3, {"true"}), lab::LabError);
    EXPECT_THROW(laboratory().run(1, {"sleep", "100"}, milliseconds(50)), lab::LabError);
}

TEST_F(LabTest, DaemonsAreStartedAndEnded) {
    set_up("CC", {});
    if (!ready()) return;
    EXPECT_THROW(laboratory().start(1), lab::LabError) << "it runs already";
    laboratory().kill(1);
    EXPECT_FALSE(laboratory().running(1));
    EXPECT_EQ(laboratory().exit_code(1), 128 + SIGKILL);
    EXPECT_THROW(laboratory().kill(1), lab::LabError);
    EXPECT_EQ(laboratory().ring(1), std::nullopt);
    laboratory().start(1);
    laboratory().wait_ring({1, 2});
    laboratory().stop(1);
    EXPECT_EQ(laboratory().exit_code(1), 0);
    EXPECT_THROW(laboratory().wait_ring({1, 2}, milliseconds(100)), lab::LabError);
}

TEST_F(LabTest, CutsAndLossAreMadeAndUndone) {
    set_up("CC", {}, false);
    if (!ready()) return;
    std::vector<lab::FileDescriptor> sockets;
    sockets.push_back(open_socket(laboratory(), 1, 7000));
    sockets.push_back(open_socket(laboratory(), 2, 7000));
    const auto reaches = [&](unsigned from, unsigned to) {
        sockaddr_in target{};
        target.sin_family = AF_INET;
        target.sin_port = htons(7000);
        ::inet_pton(AF_INET, lab::node_address(to, lab::Family::ipv4).c_str(), &target.sin_addr);
        ::sendto(sockets[from - 1].get(), "hello", 5, 0, reinterpret_cast<const sockaddr*>(&target), sizeof target);
        pollfd waiting{sockets[to - 1].get(), POLLIN, 0};
        char buffer[16];
        return ::poll(&waiting, 1, 300) == 1 && ::recv(waiting.fd, buffer, sizeof buffer, 0) == 5;
    };
    EXPECT_TRUE(reaches(1, 2));
    laboratory().cut(1, 2);
    EXPECT_FALSE(reaches(1, 2));
    EXPECT_TRUE(reaches(2, 1));
    EXPECT_TRUE(laboratory().manifest().nodes[0].receptions[0].cut.empty()) << "one way only";
    laboratory().heal();
    EXPECT_TRUE(reaches(1, 2));
    laboratory().set_loss(2, 1);
    EXPECT_FALSE(reaches(1, 2));
    EXPECT_TRUE(reaches(2, 1));
    laboratory().set_loss(0);
    EXPECT_TRUE(reaches(1, 2));
    EXPECT_THROW(laboratory().set_loss(1.5), lab::LabError);
}

TEST_F(LabTest, CaptureRecordsTheRing) {
    set_up("CC", {}, false);
    if (!ready()) return;
    const auto file = laboratory().directory() / "ring.pcap";
    laboratory().start_capture(file);
    EXPECT_THROW(laboratory().start_capture(file), lab::LabError);
    laboratory().start(laboratory().all());
    laboratory().wait_ring(laboratory().all());
    laboratory().stop_capture();
    EXPECT_GT(std::filesystem::file_size(file), 2000u);
}

TEST_F(LabTest, EverythingGoesWithItsCreator) {
    if (const auto reason = missing("C"); !reason.empty()) GTEST_SKIP() << "NOT TESTED, " << reason;
    const auto name = fmt::format("doomed-{}", ::getpid());
    auto [ready_end, ready_signal] = lab::make_pipe();
    const pid_t creator = ::fork();
    if (creator == 0) {
        lab::Plan plan;
        plan.name = name;
        plan.nodes = kinds("CC");
        auto doomed = Lab::create(plan);
        doomed.start(doomed.all());
        doomed.wait_ring(doomed.all());
        if (::write(ready_signal.get(), "+", 1) != 1) ::_exit(1);
        ::pause();
        ::_exit(0);
    }
    ready_signal.reset();
    char sign = 0;
    ASSERT_EQ(::read(ready_end.get(), &sign, 1), 1) << "no laboratory was made";
    const auto manifest = lab::load(name);
    ASSERT_TRUE(manifest);
    ASSERT_TRUE(manifest->nodes[0].daemon.alive());
    ::kill(creator, SIGKILL);
    ::waitpid(creator, nullptr, 0);
    for (const auto& node : manifest->nodes) {
        EXPECT_TRUE(lab::wait_for_end(node.daemon, milliseconds(10000)));
        EXPECT_TRUE(lab::wait_for_end(node.init, milliseconds(10000)));
    }
    EXPECT_TRUE(lab::wait_for_end(manifest->hub, milliseconds(10000)));
    EXPECT_FALSE(manifest->in_use());
    EXPECT_TRUE(Lab::destroy(name));
    EXPECT_FALSE(std::filesystem::exists(lab::directory_of(name)));
}

TEST(RingView, IsReadFromALog) {
    const std::string formed =
        "Nov 22 18:33:43.497 notice  [TOTEM ] A new membership (1.9) was formed. Members joined: 2 3\n"
        "Nov 22 18:33:43.501 notice  [QUORUM] Members[3]: 3 1 2\n";
    const std::string in_step = "notice  [MAIN  ] Completed service synchronization, ready to provide service.\n";
    EXPECT_EQ(lab::find_ring(formed), std::nullopt) << "services are not in step yet";
    EXPECT_EQ(lab::find_ring(formed + in_step), (lab::RingView{"1.9", {1, 2, 3}}));
    EXPECT_EQ(lab::find_ring(formed + in_step + "[TOTEM ] A processor failed, forming new configuration: token\n"),
              std::nullopt);
    EXPECT_EQ(lab::find_ring(formed + in_step + "[TOTEM ] A new membership (1.d) was formed. Members left: 3\n"),
              std::nullopt);
    const std::string longer =
        "[TOTEM ] A new membership (1.9) was formed. Members joined: 2\n[QUORUM] Members[3]: 1 2\\\n[QUORUM] "
        "Members[3]: 30\n";
    EXPECT_EQ(lab::find_ring(longer + in_step), (lab::RingView{"1.9", {1, 2, 30}}));
}

flood::View view(const std::string& ring, const std::vector<std::uint64_t>& messages, std::uint32_t sender = 1) {
    flood::View result{ring, {1, 2}, {}};
    for (const auto message : messages) {
        result.messages.push_back({sender, 16, message});
    }
    return result;
}

using Views = std::vector<flood::View>;

TEST(Deliveries, SameSequencesAgree) {
    const auto agree = [](const Views& a, const Views& b) {
        EXPECT_EQ(flood::compare(a, b).difference, "");
        EXPECT_EQ(flood::compare(b, a).difference, "");
    };
    agree({view("1.1", {1, 2}), view("1.5", {3})}, {view("1.1", {1, 2}), view("1.5", {3})});
    // One joined late, one ended early.
    agree({view("1.1", {1, 2, 3}), view("1.5", {4, 5})}, {view("1.1", {3}), view("1.5", {4})});
    agree({view("1.1", {1, 2, 3})}, {view("1.1", {2, 3})});
    // Messages too short to be told apart: which of them were before the late joiner shows later only.
    auto early = view("1.1", {1, 1, 1, 2, 3}), late = view("1.1", {1, 2, 3});
    for (auto* messages : {&early.messages, &late.messages}) {
        for (auto& message : *messages) {
            message.size = 1;
        }
    }
    agree({early, view("1.5", {4})}, {late, view("1.5", {4})});
    // Apart for a while, each with messages of its own.
    agree({view("1.1", {1, 2, 3}), view("1.5", {9}), view("1.9", {4})},
          {view("1.1", {1, 3, 7}), view("2.5", {8}), view("1.9", {4})});
}

TEST(Deliveries, DifferencesAreFound) {
    const auto differ = [](const Views& a, const Views& b) {
        EXPECT_NE(flood::compare(a, b).difference, "");
        EXPECT_NE(flood::compare(b, a).difference, "");
    };
    const Views good = {view("1.1", {0}), view("1.5", {1, 2, 3}), view("1.9", {4, 5, 6})};
    differ(good, {view("1.1", {0}), view("1.5", {1, 3}), view("1.9", {4, 5, 6})});
    differ(good, {view("1.1", {0}), view("1.5", {2, 3}), view("1.9", {4, 5, 6})});
    differ(good, {view("1.1", {0}), view("1.5", {1, 2, 3, 3}), view("1.9", {4, 5, 6})});
    differ(good, {view("1.1", {0}), view("1.5", {1, 3, 2}), view("1.9", {4, 5, 6})});
    differ(good, {view("1.1", {0}), view("1.5", {1, 2, 3}), view("1.9", {5, 4, 6})});
    differ(good, {view("1.1", {0}), view("1.9", {4, 5, 6}), view("1.5", {1, 2, 3})});
    // A late joiner may lack the beginning, not the middle.
    differ({view("1.1", {1, 2, 3, 4}), view("1.5", {5})}, {view("1.1", {2, 4}), view("1.5", {5})});
    // Apart, but in another order.
    differ({view("1.1", {1, 2, 3}), view("1.5", {9})}, {view("1.1", {2, 1, 7}), view("2.5", {8})});
}

TEST(Deliveries, OnlyStrangersMessagesMayLackAtTheBeginning) {
    // Node 2 was alone and comes to the ring of node 1.
    Views first = {view("1.1", {1}), view("1.9", {2, 3, 4}), view("1.d", {5})};
    Views second = {view("2.1", {}), view("1.9", {3, 4}), view("1.d", {5})};
    second[0].members = {2};
    first[0].members = {1};
    auto result = flood::compare(first, second);
    EXPECT_EQ(result.difference, "");
    EXPECT_EQ(result.missed_by_a, 0u);
    EXPECT_EQ(result.missed_by_b, 1u);
    // Its own messages are no strangers' messages.
    first[1] = view("1.9", {2, 3, 4}, 2);
    second[1] = view("1.9", {3, 4}, 2);
    EXPECT_NE(flood::compare(first, second).difference, "");
}

TEST(Deliveries, WhoLeftAndCameBackIsAStrangerAgain) {
    // Both were with node 3 and lost it; it came back before they were told of a ring without it.
    Views first = {view("1.1", {1}), view("1.9", {2, 3, 4}, 3), view("1.d", {5})};
    Views second = {view("1.1", {1}), view("1.9", {3, 4}, 3), view("1.d", {5})};
    for (auto* log : {&first, &second})
        (*log)[0].members = (*log)[1].members = {1, 2, 3};
    EXPECT_NE(flood::compare(first, second).difference, "");
    for (auto* log : {&first, &second})
        (*log)[0].departed = {3};
    EXPECT_EQ(flood::compare(first, second).difference, "");
    EXPECT_EQ(flood::compare(second, first).missed_by_a, 1u);
}

TEST(Deliveries, AreReadFromALog) {
    const auto file = std::filesystem::temp_directory_path() / fmt::format("deliveries-{}", getpid());
    {
        flood::DeliveryWriter writer(file);
        writer.group("+1:join");
        writer.view("1.1", {1, 2, 3});
        writer.message({2, 16, 0xabc});
        writer.group("-3:nodedown -2:leave");
    }
    const auto views = flood::read_deliveries(file);
    std::filesystem::remove(file);
    ASSERT_EQ(views.size(), 1u);
    EXPECT_EQ(views[0].ring_id, "1.1");
    EXPECT_EQ(views[0].members, (std::vector<std::uint32_t>{1, 2, 3}));
    EXPECT_EQ(views[0].messages, (std::vector<flood::Delivery>{{2, 16, 0xabc}}));
    EXPECT_EQ(views[0].departed, (std::set<std::uint32_t>{3}));
}

}  // namespace
}  // namespace conformance
