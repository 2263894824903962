#include "conformance/tests/pvecm_test_base.hpp"

#include <fmt/format.h>

namespace conformance {

using lab::Arguments;

void PvecmTest::install(const std::string& mix, unsigned rings) {
    for (const char* const program : {"/usr/sbin/sshd", "/usr/bin/ssh-copy-id"}) {
        if (!std::filesystem::exists(program))
            GTEST_SKIP() << "NOT TESTED, there is no " << program << ": it is in openssh-server";
    }
    lab::Plan plan;
    plan.rings = rings;
    set_up(mix, plan, false);
    if (!ready()) return;
    nodes_.emplace(laboratory());
    dialect_3x_ = mix.find('C') != std::string::npos;
    const auto engines = kinds(mix);
    for (const auto node : laboratory().all())
        nodes().install(node, engines[node - 1]);
}

void PvecmTest::make_three(const std::string& mix, unsigned rings) {
    install(mix, rings);
    if (!ready()) return;
    create();
    add(2);
    add(3);
    expect_one_store({1, 2, 3});
}

std::string PvecmTest::create() {
    if (dialect_3x_) return output(1, {"create", "test", "--dialect", "3.x", "--transport", "udpu"});
    return output(1, {"create", "test"});
}

void PvecmTest::TearDown() {
    nodes_.reset();
    RingTest::TearDown();
}

std::string PvecmTest::output(unsigned node, const Arguments& words) {
    const auto done = nodes().pvecm(node, words);
    EXPECT_EQ(done.status, 0) << "node " << node << ": pvecm " << lab::join(words) << "\n" << done.out << done.err;
    return done.out;
}

std::string PvecmTest::refused(unsigned node, const Arguments& words) {
    const auto done = nodes().pvecm(node, words);
    EXPECT_NE(done.status, 0) << "node " << node << ": pvecm " << lab::join(words) << "\n" << done.out;
    return done.err;
}

std::string PvecmTest::shell(unsigned node, const std::string& script) {
    const auto done = nodes().run(node, {"sh", "-ec", script});
    EXPECT_EQ(done.status, 0) << "node " << node << ": " << script << "\n" << done.out << done.err;
    return done.out;
}

void PvecmTest::await_status(unsigned node, const std::string& part) {
    std::string text;
    const auto says = [&] {
        text = nodes().pvecm(node, {"status"}).out;
        return text.find(part) != std::string::npos;
    };
    EXPECT_TRUE(lab::wait_until(milliseconds(40000), says)) << "'" << part << "' is not in\n" << text;
}

void PvecmTest::await_success(unsigned node, const Arguments& words) {
    std::string said;  // of all attempts: the first tells what the last may not
    const auto succeeds = [&] {
        const lab::Finished done = nodes().pvecm(node, words);
        if (!said.ends_with(done.err)) said += done.err;
        return done.status == 0;
    };
    EXPECT_TRUE(lab::wait_until(milliseconds(40000), succeeds)) << "pvecm " << lab::join(words) << "\n" << said;
}

void PvecmTest::expect_one_store(const Nodes& members) {
    const std::string file = fmt::format("/etc/pve/written-{}", members.size());
    ASSERT_EQ(nodes().run(members.front(), {"sh", "-c", "echo text > " + file}).status, 0);
    const auto first = nodes().read(members.front(), conf_file);
    for (const auto node : members) {
        EXPECT_TRUE(lab::wait_until(milliseconds(20000), [&] { return nodes().read(node, file) == "text\n"; }))
            << "node " << node;
        EXPECT_EQ(nodes().read(node, conf_file), first) << "node " << node;
        EXPECT_EQ(nodes().read(node, "/etc/corosync/corosync.conf"), first) << "node " << node;
    }
}

void PvecmTest::expect_alone(unsigned node) {
    const auto left = nodes().run(node, {"sh", "-c",
                                         "ls -A /etc/corosync; ls /etc/pve/corosync.conf /run/corosync.pid "
                                         "/var/lib/pve-cluster/.pvecm_unfinished 2>/dev/null; touch /etc/pve/own"});
    EXPECT_EQ(left.out, "") << "node " << node;
    EXPECT_EQ(left.err, "") << "node " << node;
}

}  // namespace conformance
