// The configuration in force at run time: spec corosync-conf.md section 11.

#include "engine/daemon/live_config.hpp"

#include "tests/config/support.hpp"
#include "tests/daemon/log_recorder.hpp"

namespace engine {
namespace {

using config::TemporaryFile;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using totem::Dialect;

std::string file(const std::string& more, unsigned nodes = 2) {
    return "totem {\nversion: 2\ntransport: udpu\nsecauth: off\n" + more + "\n}\n" + config::nodelist(nodes);
}

class LiveConfigTest : public testing::Test {
protected:
    void start(const std::string& text) {
        config::Outcome loaded = config::load(text, host_);
        ASSERT_EQ(loaded.error, "");
        *map_ = std::move(loaded.map);
        LiveConfig::Hooks hooks;
        hooks.totem_changed = [this](const auto&, const auto& now) {
            calls_.push_back("totem " + std::to_string(now.parameters.token));
        };
        hooks.version_changed = [this](auto version) {
            calls_.push_back("version " + std::to_string(version.value_or(0)));
        };
        hooks.configure_logging = [this]() -> std::optional<std::string> {
            calls_.push_back("logging");
            return std::nullopt;
        };
        hooks.metrics_changed = [this](const auto& endpoint) {
            metrics_.push_back(endpoint ? endpoint->text() : "off");
        };
        hooks.dump_state = [this] { calls_.push_back("dump"); };
        hooks.force_gather = [this] { calls_.push_back("gather"); };
        live_.emplace(log_, map_, std::move(loaded.config), path_, host_, std::move(hooks));
    }
    LiveConfig::Outcome reload(const std::string& text) {
        std::ofstream(path_) << text;
        return live_->reload();
    }
    std::uint32_t in_force(const std::string& key) { return config::u32(*map_, "runtime.config.totem." + key); }

    TemporaryFile place_{""};
    const std::string path_ = place_.path();
    config::FakeHost host_ = config::host_at("10.77.0.1");
    daemontest::LogRecorder log_;
    std::shared_ptr<cmap::Map> map_ = std::make_shared<cmap::Map>();
    std::vector<std::string> calls_, metrics_;
    std::optional<LiveConfig> live_;
};

TEST_F(LiveConfigTest, SingleTimers) {
    start(file("token: 1500"));
    map_->set("totem.token", std::uint32_t{2000}, cmap::Writer::client);
    EXPECT_EQ(in_force("token"), 2000U);
    EXPECT_EQ(in_force("consensus"), 2400U);
    map_->erase("totem.token", cmap::Writer::client);
    EXPECT_EQ(in_force("token"), 3000U);
    map_->set("totem.token", "of the wrong type", cmap::Writer::client);
    EXPECT_THAT(calls_, ElementsAre("totem 2000", "totem 3000", "totem 3000"));
}

TEST_F(LiveConfigTest, BadTimersAreLoggedAndTheOldOnesStay) {
    start(file("token: 1500"));
    map_->set("totem.token", std::uint32_t{10}, cmap::Writer::client);
    EXPECT_EQ(in_force("token"), 1500U);
    EXPECT_TRUE(log_.has("The token timeout parameter (10 ms) may not be less than (30 ms)."));
    EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(LiveConfigTest, Switches) {
    start(file(""));
    map_->set("runtime.blackbox.dump_state", "1700000000", cmap::Writer::client);
    map_->set("runtime.force_gather", "yes", cmap::Writer::client);
    EXPECT_EQ(map_->get_string("runtime.force_gather"), "no");
    map_->set("runtime.blackbox.dump_flight_data", "1700000000", cmap::Writer::client);
    EXPECT_TRUE(log_.has("keeps no black box"));
    map_->set("logging.debug", "on", cmap::Writer::client);
    map_->set("totem.config_version", std::uint64_t{7}, cmap::Writer::client);
    EXPECT_THAT(calls_, ElementsAre("dump", "gather", "logging", "version 7"));
}

TEST_F(LiveConfigTest, ReloadTellsEachPartOnceAndRaisesItsFlags) {
    start(file("token: 1500"));
    std::vector<std::string> flags;
    map_->track("config.", cmap::Scope::prefix, cmap::track::kAll, [&flags](const cmap::Change& change) {
        const auto* flag = change.now->get_if<std::uint8_t>();
        flags.push_back(change.key.substr(7) + "=" +
                        std::to_string(flag ? *flag : *change.now->get_if<std::int32_t>()));
    });
    EXPECT_EQ(reload(file("token: 2000\nconfig_version: 3", 3)), LiveConfig::Outcome::done);
    EXPECT_THAT(calls_, ElementsAre("totem 2650", "version 3", "logging"));
    EXPECT_THAT(flags, ElementsAre("totemconfig_reload_in_progress=1", "reload_in_progress=1", "reload_status=1",
                                   "totemconfig_reload_in_progress=0", "reload_in_progress=0"));
    EXPECT_EQ(live_->config().nodes.size(), 3U);
}

TEST_F(LiveConfigTest, FailedReloadsChangeNothing) {
    start(file("token: 1500"));
    EXPECT_EQ(reload("nonsense\n"), LiveConfig::Outcome::not_parsed);
    EXPECT_EQ(map_->get_number<std::uint8_t>("config.totemconfig_reload_in_progress"), 0);
    EXPECT_FALSE(map_->contains("config.reload_status"));
    EXPECT_EQ(reload(file("token: 10")), LiveConfig::Outcome::not_valid);
    EXPECT_EQ(map_->get_number<std::int32_t>("config.reload_status"), 7);
    EXPECT_EQ(config::u32(*map_, "totem.token"), 1500U);
    EXPECT_EQ(in_force("token"), 1500U);
    EXPECT_THAT(calls_, IsEmpty());
    // And single changes are heard again.
    map_->set("totem.token", std::uint32_t{1600}, cmap::Writer::client);
    EXPECT_THAT(calls_, ElementsAre("totem 1600"));
}

TEST_F(LiveConfigTest, OlderDialectTakesNodesFromSingleKeys) {
    start("totem {\ndialect: 2.x\n}\n" + file("token: 1500"));
    EXPECT_EQ(map_->get_number<std::uint8_t>("runtime.totem.pg.mrp.rrp.0.faulty"), 0);
    map_->set("nodelist.node.2.nodeid", std::uint32_t{3}, cmap::Writer::client);
    EXPECT_THAT(calls_, IsEmpty());
    map_->set("nodelist.node.2.ring0_addr", "10.77.0.3", cmap::Writer::client);
    EXPECT_THAT(calls_, ElementsAre("totem 2150"));
    EXPECT_EQ(live_->config().interfaces.front().members.size(), 3U);
}

TEST_F(LiveConfigTest, MetricsFollowEachReload) {
    const auto served_at = [](const std::string& where) { return "metrics {\nlisten: " + where + "\n}\n"; };
    start(file(""));
    EXPECT_EQ(reload(file("") + served_at("/run/m.sock")), LiveConfig::Outcome::done);
    EXPECT_EQ(reload(file("") + served_at("/run/m.sock")), LiveConfig::Outcome::done);
    EXPECT_EQ(reload(file("") + served_at("0.0.0.0:9105")), LiveConfig::Outcome::not_valid);
    EXPECT_EQ(reload(file("")), LiveConfig::Outcome::done);
    EXPECT_THAT(metrics_, ElementsAre("/run/m.sock", "/run/m.sock", "off"));
}

TEST_F(LiveConfigTest, WithoutAFileAReloadIsRefused) {
    LiveConfig bare(log_, map_, {}, "", host_, {});
    EXPECT_EQ(bare.reload(), LiveConfig::Outcome::not_parsed);
    EXPECT_TRUE(log_.has("Unable to reload config file"));
}

}  // namespace
}  // namespace engine
