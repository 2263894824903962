#include "cfs/daemon/options.hpp"

#include <gtest/gtest.h>

namespace cfs::daemon {
namespace {

CommandLine parse(std::vector<const char*> words) {
    words.insert(words.begin(), "cfsd");
    return parse_command_line(static_cast<int>(words.size()), words.data());
}

TEST(CfsdOptions, Bundled) {
    const CommandLine line = parse({"-df"});
    EXPECT_TRUE(line.options.debug);
    EXPECT_TRUE(line.options.foreground);
    EXPECT_FALSE(line.options.local);
    EXPECT_EQ(line.error, "");
}

TEST(CfsdOptions, Long) {
    const CommandLine line = parse({"--local", "--debug", "--foreground"});
    EXPECT_TRUE(line.options.debug);
    EXPECT_TRUE(line.options.foreground);
    EXPECT_TRUE(line.options.local);
    EXPECT_TRUE(parse({"-h"}).help);
    EXPECT_TRUE(parse({"--version"}).version);
}

TEST(CfsdOptions, Peers) {
    EXPECT_EQ(parse({}).options.peers, Era::p5);
    EXPECT_EQ(parse({"--peers", "5"}).options.peers, Era::p5);
    EXPECT_EQ(parse({"--peers=9"}).options.peers, Era::p9);
    EXPECT_NE(parse({"--peers=7"}).error, "");
    EXPECT_NE(parse({"--peers"}).error, "");
}

TEST(CfsdOptions, Refused) {
    EXPECT_EQ(parse({"-n"}).error, "Unknown option -n");
    EXPECT_EQ(parse({"-l", "--node"}).error, "Unknown option --node");
    EXPECT_TRUE(parse({"-l", "word"}).too_many);
    EXPECT_FALSE(parse({"-l"}).too_many);
}

}  // namespace
}  // namespace cfs::daemon
