// What totem-lab makes of its arguments, and the program itself from up to down.
#include <fmt/format.h>
#include <unistd.h>
#include <cstdlib>
#include <fstream>

#include "conformance/cli/commands.hpp"
#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

TEST(CliArguments, Percentages) {
    EXPECT_DOUBLE_EQ(cli::parse_percentage("5%"), 0.05);
    EXPECT_DOUBLE_EQ(cli::parse_percentage("0"), 0);
    EXPECT_DOUBLE_EQ(cli::parse_percentage("100 %"), 1);
    for (const auto* wrong : {"", "x", "-1%", "101%", "5 percent", "nan"}) {
        EXPECT_THROW(cli::parse_percentage(wrong), lab::LabError) << wrong;
    }
}

TEST(CliArguments, Daemons) {
    EXPECT_EQ(cli::parse_daemons(3, {}), kinds("TTT"));
    EXPECT_EQ(cli::parse_daemons(3, {"2=corosync", "default=totemd"}), kinds("TCT"));
    EXPECT_EQ(cli::parse_daemons(3, {"corosync", "3=corosync2"}), kinds("CCK"));
    for (const auto* wrong : {"4=corosync", "0=corosync", "x=corosync", "2=heartbeat", "2="}) {
        EXPECT_THROW(cli::parse_daemons(3, {wrong}), lab::LabError) << wrong;
    }
}

TEST(PlanArguments, NamesAndTransports) {
    EXPECT_THROW(lab::check_name(""), lab::LabError);
    EXPECT_THROW(lab::check_name("../x"), lab::LabError);
    EXPECT_THROW(lab::check_name(".."), lab::LabError);
    EXPECT_NO_THROW(lab::check_name("a-1_b.c"));
    EXPECT_THROW(lab::parse_transport("knet"), lab::LabError);
    lab::Plan plan;
    plan.nodes = kinds("CC");
    EXPECT_THROW(
        {
            plan.nodes.clear();
            Lab::create(plan);
        },
        lab::LabError);
}

TEST(PlanArguments, KeysForTheTotemSection) {
    lab::Plan plan;
    plan.totem = {{"token", "5000"}};
    lab::add_totem_keys(plan, "");
    lab::add_totem_keys(plan, "offload=no,token=1,accelerated=no");
    EXPECT_EQ(plan.totem,
              (std::map<std::string, std::string>{{"token", "5000"}, {"offload", "no"}, {"accelerated", "no"}}));
    for (const auto* wrong : {"offload", "=no", "offload=", "offload=no,,accelerated=no"}) {
        EXPECT_THROW(lab::add_totem_keys(plan, wrong), lab::LabError) << wrong;
    }
}

class CliTest : public testing::Test {
protected:
    // Runs totem-lab with the laboratory of this test; returns the exit code, output in `text`.
    int call(const std::string& arguments) {
        const auto program = lab::beside_us("totem-lab");
        const auto command = fmt::format("{} --name {} {} 2>&1", program.string(), name_, arguments);
        FILE* pipe = ::popen(command.c_str(), "r");
        text.clear();
        char buffer[4096];
        for (std::size_t length = 0; (length = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
            text.append(buffer, length);
        }
        const int status = ::pclose(pipe);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    void TearDown() override { Lab::destroy(name_); }

    std::string text;
    const std::string name_ = fmt::format("cli-{}", ::getpid());
};

TEST_F(CliTest, FromUpToDown) {
    if (const auto reason = missing("C"); !reason.empty()) GTEST_SKIP() << "NOT TESTED, " << reason;
    EXPECT_EQ(call("status"), 125);
    EXPECT_NE(text.find("there is no laboratory"), std::string::npos) << text;
    ASSERT_EQ(call("up 2 --daemon corosync --transport udpu --json"), 0) << text;
    auto status = nlohmann::json::parse(text);
    ASSERT_EQ(status["nodes"].size(), 2u);
    EXPECT_EQ(status["nodes"][1]["members"], (Nodes{1, 2}));
    EXPECT_EQ(call("up 2 --daemon corosync"), 125) << "it is up already";
    EXPECT_EQ(call("exec 2 -- sh -c 'exit 9'"), 9);
    EXPECT_EQ(call("exec 1 -- hostname"), 0);
    EXPECT_EQ(text, "node1\n");
    EXPECT_EQ(call("cut 1 2 --one-way"), 0) << text;
    EXPECT_EQ(call("loss 5%"), 0) << text;
    EXPECT_EQ(call("kill 1"), 0) << text;
    EXPECT_EQ(call("kill 1"), 125);
    EXPECT_EQ(call("status --json"), 0);
    status = nlohmann::json::parse(text);
    EXPECT_EQ(status["nodes"][1]["cut_from"][0], (Nodes{1}));
    EXPECT_EQ(status["nodes"][1]["loss"], 0.05);
    EXPECT_EQ(status["nodes"][0]["exit_code"], 137);
    EXPECT_EQ(call("log 2 -n 1"), 0);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_EQ(call("heal"), 0) << text;
    EXPECT_EQ(call("start 1"), 0) << text;
    EXPECT_EQ(call("stop 2"), 0) << text;
    EXPECT_EQ(call("cut 1 7"), 125);
    EXPECT_EQ(call("down"), 0) << text;
    EXPECT_EQ(call("down"), 125);
    EXPECT_FALSE(std::filesystem::exists(lab::directory_of(name_)));
}

}  // namespace
}  // namespace conformance
