// Reading the configuration again: spec corosync-conf.md section 11.3.

#include "engine/config/reload.hpp"

#include "tests/config/support.hpp"

namespace engine::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using totem::Dialect;

std::string totem_section(std::initializer_list<std::string> more = {}) {
    std::string text = "totem {\nversion: 2\ntransport: udpu\ncluster_name: one\nsecauth: off\n";
    for (const auto& line : more)
        text += line + '\n';
    return text + "}\n";
}

class ReloadTest : public testing::Test {
protected:
    // The daemon starts with `text`.
    void start(const std::string& text) {
        running_ = load(text, host_);
        ASSERT_EQ(running_.error, "");
    }
    // Reads `text` again; the error if that fails.
    std::string reload(const std::string& text) {
        const TemporaryFile file(text);
        next_ = std::make_unique<Reload>();
        try {
            read_again(file.path(), dialect_, running_.map, *next_);
            build_again(running_.config, host_, *next_);
            return {};
        } catch (const Error& error) {
            return error.what();
        }
    }
    // Changes as clients see them while the reload is taken over.
    std::vector<std::string> changes() {
        std::vector<std::string> seen;
        const auto note = [&seen](const cmap::Change& change) {
            seen.push_back((change.event == cmap::track::kAdd      ? "+"
                            : change.event == cmap::track::kDelete ? "-"
                                                                   : "~") +
                           change.key);
        };
        const auto id = running_.map.track("", cmap::Scope::prefix, cmap::track::kAll, note);
        copy_to(running_.map, *next_, dialect_);
        running_.map.untrack(id);
        return seen;
    }

    Dialect dialect_ = Dialect::v3;
    FakeHost host_ = host_at("10.77.0.1");
    Outcome running_;
    std::unique_ptr<Reload> next_;
};

TEST_F(ReloadTest, TheSameFileChangesNothing) {
    const std::string text = totem_section({"token: 1500"}) + nodelist(3);
    start(text);
    ASSERT_EQ(reload(text), "");
    EXPECT_THAT(next_->kept, IsEmpty());
    EXPECT_EQ(next_->config.parameters, running_.config.parameters);
    EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(ReloadTest, TimersNodesAndLoggingChange) {
    start(totem_section({"token: 1500"}) + nodelist(2) + "logging {\ndebug: on\nto_stderr: yes\n}\n");
    ASSERT_EQ(reload(totem_section({"token: 2000"}) + nodelist(3) + "logging {\ndebug: off\n}\n"), "");
    EXPECT_EQ(next_->config.parameters.token, 2650U);
    EXPECT_EQ(next_->config.nodes.size(), 3U);
    EXPECT_THAT(changes(),
                ElementsAre("-logging.to_stderr", "~logging.debug", "+nodelist.node.2.nodeid",
                            "+nodelist.node.2.ring0_addr", "~runtime.config.totem.consensus",
                            "~runtime.config.totem.hold", "~runtime.config.totem.interface.0.knet_ping_interval",
                            "~runtime.config.totem.interface.0.knet_ping_timeout", "~runtime.config.totem.token",
                            "~runtime.config.totem.token_retransmit", "~totem.token"));
}

TEST_F(ReloadTest, WhatCannotChangeIsKeptAndNamed) {
    start(totem_section({"interface {", "mcastport: 5500", "}"}) + nodelist(2));
    std::string text = totem_section({"interface {", "mcastport: 5600", "}", "netmtu: 1400"}) + nodelist(2);
    text.replace(text.find("udpu"), 4, "udp");
    text.replace(text.find("cluster_name: one"), 17, "cluster_name: two");
    ASSERT_EQ(reload(text), "");
    EXPECT_THAT(next_->kept,
                ElementsAre("totem.netmtu", "totem.transport", "totem.cluster_name", "totem.interface.0.mcastport"));
    EXPECT_EQ(next_->config.transport, Transport::udpu);
    EXPECT_EQ(next_->config.interfaces.front().port, 5500);
    EXPECT_THAT(changes(), IsEmpty());
}

// Upstream deletes such a key and calls the transport knet from then on.
TEST_F(ReloadTest, WhatCannotChangeCannotVanish) {
    start(totem_section() + nodelist(2));
    std::string text = totem_section() + nodelist(2);
    text.erase(text.find("transport: udpu\n"), 16);
    ASSERT_EQ(reload(text), "");
    EXPECT_THAT(next_->kept, ElementsAre("totem.transport"));
    EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(ReloadTest, InvalidConfigurationsSayWhy) {
    start(totem_section() + nodelist(2));
    EXPECT_EQ(reload(totem_section({"token: 10"}) + nodelist(2)),
              "The token timeout parameter (10 ms) may not be less than (30 ms).");
    EXPECT_NE(reload("totem {\nnonsense\n}\n").find("Line is not opening or closing section or key value"),
              std::string::npos);
    EXPECT_EQ(reload(totem_section() + nodelist(2) + "logging {\ndebug: maybe\n}\n"), "unknown value for debug.");
    EXPECT_EQ(reload(totem_section() + "nodelist {\nnode {\nnodeid: 2\nring0_addr: 10.77.0.2\n}\n}\n"),
              "No valid name found for local host");
}

TEST_F(ReloadTest, MetricsComeMoveAndGo) {
    const std::string base = totem_section() + nodelist(2);
    start(base);
    ASSERT_EQ(reload(base + "metrics {\nlisten: 127.0.0.1:9105\n}\n"), "");
    EXPECT_EQ(next_->config.metrics_listen->port, 9105);
    EXPECT_THAT(changes(), ElementsAre("+metrics.listen"));
    EXPECT_EQ(reload(base + "metrics {\nlisten: 10.77.0.1:9105\n}\n").substr(0, 47),
              "metrics.listen '10.77.0.1:9105' can be reached ");
    ASSERT_EQ(reload(base), "");
    EXPECT_FALSE(next_->config.metrics_listen);
    EXPECT_THAT(changes(), ElementsAre("-metrics.listen"));
}

TEST_F(ReloadTest, ThisNodeStaysWhoItIs) {
    host_.with_address("10.77.0.9", "255.255.255.0");
    start(totem_section() + nodelist(2));
    EXPECT_EQ(reload(totem_section() + "nodelist {\nnode {\nnodeid: 5\nring0_addr: 10.77.0.1\n}\n}\n"),
              "the id of this node cannot be changed at run-time from 1 to 5");
    EXPECT_EQ(reload(totem_section() + "nodelist {\nnode {\nnodeid: 1\nring0_addr: 10.77.0.9\n}\n}\n"),
              "the address of this node cannot be changed at run-time from 10.77.0.1 to 10.77.0.9");
}

TEST_F(ReloadTest, UsersOfTheFileComeAndGo) {
    start(totem_section() + nodelist(2) + "uidgid {\nuid: 5\n}\n");
    running_.map.set("uidgid.uid.7", std::uint8_t{1});
    ASSERT_EQ(reload(totem_section() + nodelist(2) + "uidgid {\nuid: 6\n}\n"), "");
    EXPECT_THAT(changes(), ElementsAre("-uidgid.config.uid.5", "+uidgid.config.uid.6"));
}

TEST_F(ReloadTest, OlderDialect) {
    dialect_ = Dialect::v2;
    const std::string head = "totem {\ndialect: 2.x\nversion: 2\ntransport: udpu\nsecauth: off\n";
    start(head + "}\n" + nodelist(2));
    ASSERT_EQ(reload(head + "token: 3000\n}\nqb {\nipc_type: socket\n}\n" + nodelist(3)), "");
    EXPECT_THAT(next_->kept, ElementsAre("qb.ipc_type"));
    EXPECT_EQ(next_->config.parameters.token, 3650U);
    EXPECT_EQ(next_->config.interfaces.front().members.size(), 3U);
}

}  // namespace
}  // namespace engine::config
