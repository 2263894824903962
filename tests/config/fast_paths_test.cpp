#include "engine/config/fast_paths.hpp"

#include "tests/config/support.hpp"

namespace engine::config {
namespace {

struct Switch {
    const char* key;
    bool FastPaths::*value;
};
constexpr Switch kSwitches[] = {{"offload", &FastPaths::offload},
                                {"accelerated", &FastPaths::accelerated},
                                {"adaptive_window", &FastPaths::adaptive_window},
                                {"early_requests", &FastPaths::early_requests},
                                {"hold_at_sender", &FastPaths::hold_at_sender},
                                {"gather_requests", &FastPaths::gather_requests},
                                {"watch_processes", &FastPaths::watch_processes},
                                {"vector_crypto", &FastPaths::vector_crypto}};

Outcome with(const std::string& line) {
    const std::string text = "totem {\nversion: 2\ntransport: udpu\ndialect: 3.x\n" + line + "\n}\n" + nodelist(2);
    return load(text, host_at("10.77.0.1"));
}

TEST(FastPathsTest, AreOnUnlessSwitchedOff) {
    for (const auto& [key, value] : kSwitches) {
        SCOPED_TRACE(key);
        EXPECT_TRUE(with("").config.fast_paths.*value);
        EXPECT_TRUE(with(std::string(key) + ": yes").config.fast_paths.*value);
        EXPECT_FALSE(with(std::string(key) + ": no").config.fast_paths.*value);
        EXPECT_EQ(with(std::string(key) + ": on").error,
                  std::string("parse error in config: totem.") + key + " is 'on', it must be yes or no.");
    }
}

}  // namespace
}  // namespace engine::config
