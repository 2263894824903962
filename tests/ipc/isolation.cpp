#include "tests/ipc/isolation.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <csignal>

#include "engine/log/log.hpp"

namespace ipc_test {

namespace {

bool enter_namespaces() {
    return ::unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 &&
           ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777") == 0;
}

const bool entered = enter_namespaces();

}  // namespace

bool isolated() {
    return entered;
}

}  // namespace ipc_test

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    engine::log::Settings quiet;  // what the tests provoke is no business of this machine's syslog
    for (auto& subsystem : quiet.subsystems)
        subsystem.to_stderr = subsystem.to_syslog = false;
    if (engine::log::configure(quiet)) return 1;
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
