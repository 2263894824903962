// libsam watches a process through a parent it forks, and writes what it sees into the map: every scenario needs a
// process of its own.
#include <corosync/cmap.h>
#include <corosync/sam.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>

#include "conformance/calls/calls.hpp"

namespace calls {
namespace {

void in_a_process(const char* name, const std::function<void()>& scenario) {
    fmt::print("{}:\n", name);
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        std::signal(SIGPIPE, SIG_IGN);  // the watching process answers even when the watched has just ended
        scenario();
        std::fflush(stdout);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status))
        fmt::print("  ended by signal {}\n", WTERMSIG(status));
    else
        fmt::print("  ended with {}\n", WEXITSTATUS(status));
}

unsigned registered() {
    unsigned instance = 0;
    const auto error = sam_register(&instance);
    fmt::print("  register {} instance {}\n", error, instance);
    return instance;
}

std::string own_key(const char* name) {
    return fmt::format("resources.process.{}.{}", getppid(), name);
}

// The watching process writes its keys when it comes to it.
void await_state(cmap_handle_t handle, const std::string& wanted) {
    constexpr int tries = 3000;
    for (int i = 0; i < tries; ++i) {
        char* text = nullptr;
        const bool found = cmap_get_string(handle, own_key("state").c_str(), &text) == CS_OK;
        const bool reached = found && wanted == text;
        std::free(text);
        if (reached) return;
        poll(nullptr, 0, 1);
    }
}

// The keys that the library keeps about us, under the process that watches, once it says that we are in `state`; ""
// if it keeps none.
void process_keys(const std::string& state) {
    cmap_handle_t handle = 0;
    fmt::print("  map {}\n", cmap_initialize(&handle));
    if (!state.empty()) await_state(handle, state);
    for (const char* name : {"recovery", "poll_period", "state"}) {
        const auto key = own_key(name);
        cmap_value_types_t type{};
        size_t size = 0;
        const auto error = cmap_get(handle, key.c_str(), nullptr, &size, &type);
        fmt::print("  {} {} type {}", name, error, error == CS_OK ? static_cast<int>(type) : 0);
        char* text = nullptr;
        std::uint64_t number = 0;
        if (error == CS_OK && type == CMAP_VALUETYPE_STRING && cmap_get_string(handle, key.c_str(), &text) == CS_OK) {
            fmt::print(" '{}'", text);
            std::free(text);
        } else if (error == CS_OK && cmap_get_uint64(handle, key.c_str(), &number) == CS_OK) {
            fmt::print(" {}", number);
        }
        fmt::print("\n");
    }
    cmap_finalize(handle);
}

int healthy() {
    return 0;
}

void unprepared() {
    std::size_t size = 0;
    char byte = 0;
    unsigned instance = 0;
    Said()("register", sam_register(&instance))("start", sam_start())("stop", sam_stop())("send", sam_hc_send())(
        "callback", sam_hc_callback_register(healthy))("signal", sam_warn_signal_set(SIGUSR1))(
        "size", sam_data_getsize(&size))("store", sam_data_store(&byte, 1))("restore", sam_data_restore(&byte, 1))(
        "failed", sam_mark_failed())("finalize", sam_finalize());
}

void whole_life(sam_recovery_policy_t policy) {
    const bool keys = (policy & SAM_RECOVERY_POLICY_CMAP) != 0;
    Said()("initialize", sam_initialize(1000, policy))("again", sam_initialize(1000, policy));
    registered();
    process_keys(keys ? "stopped" : "");
    Said()("signal", sam_warn_signal_set(SIGUSR1))("start", sam_start())("again", sam_start());
    process_keys(keys ? "running" : "");
    Said()("send", sam_hc_send())("stop", sam_stop())("again", sam_stop());
    process_keys(keys ? "stopped" : "");
    Said()("callback", sam_hc_callback_register(healthy))("start", sam_start())("stop", sam_stop())("finalize",
                                                                                                    sam_finalize());
}

constexpr auto kRestart = static_cast<sam_recovery_policy_t>(SAM_RECOVERY_POLICY_RESTART | SAM_RECOVERY_POLICY_CMAP);
constexpr auto kQuit = static_cast<sam_recovery_policy_t>(SAM_RECOVERY_POLICY_QUIT | SAM_RECOVERY_POLICY_CMAP);
constexpr auto kQuorum = static_cast<sam_recovery_policy_t>(SAM_RECOVERY_POLICY_QUORUM_QUIT | SAM_RECOVERY_POLICY_CMAP);
constexpr auto kUnknown = static_cast<sam_recovery_policy_t>(64);

void restarted_with_data() {
    Said()("initialize", sam_initialize(0, kRestart));
    const unsigned instance = registered();
    std::array<char, 8> data{};
    std::size_t size = 0;
    Said()("size", sam_data_getsize(&size))("bytes", size);
    if (instance == 1) {
        Said()("store", sam_data_store("kept", 5))("start", sam_start());
        std::fflush(stdout);
        raise(SIGKILL);
    }
    Said()("restore too small", sam_data_restore(data.data(), 1))("restore", sam_data_restore(data.data(), 8))(
        "data", data.data());
    process_keys("stopped");
    Said()("forget", sam_data_store(nullptr, 0))("start", sam_start())("finalize", sam_finalize());
}

void silent() {
    Said()("initialize", sam_initialize(100, SAM_RECOVERY_POLICY_QUIT));
    registered();
    std::signal(SIGUSR1, [](int) { _exit(7); });
    Said()("signal", sam_warn_signal_set(SIGUSR1))("start", sam_start());
    std::fflush(stdout);
    for (;;)
        pause();
}

void failed() {
    Said()("initialize", sam_initialize(0, kQuit));
    registered();
    Said()("start", sam_start());
    std::fflush(stdout);
    (void)sam_mark_failed();  // from now on the watching process may end us at any time
    for (;;)
        pause();
}

}  // namespace

void sam() {
    in_a_process("unprepared", unprepared);
    in_a_process("quit", [] { whole_life(SAM_RECOVERY_POLICY_QUIT); });
    in_a_process("quit, map", [] { whole_life(kQuit); });
    in_a_process("quorum, map", [] { whole_life(kQuorum); });
    in_a_process("unknown policy", [] { whole_life(kUnknown); });
    in_a_process("restart", restarted_with_data);
    in_a_process("silent", silent);
    in_a_process("failed", failed);
}

}  // namespace calls
