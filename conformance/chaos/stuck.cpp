#include "conformance/chaos/stuck.hpp"

#include <corosync/cmap.h>
#include <corosync/cpg.h>
#include <corosync/quorum.h>
#include <corosync/votequorum.h>
#include <qb/qbipcc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace chaos {
namespace {

constexpr std::size_t kRingSize = 1U << 20U;

bool join(const std::string& group) {
    cpg_callbacks_t callbacks{};
    cpg_handle_t handle = 0;
    if (cpg_initialize(&handle, &callbacks) != CS_OK) return false;
    cpg_name name{};
    name.length = static_cast<std::uint32_t>(group.size());
    std::memcpy(name.value, group.data(), group.size());
    cs_error_t result = CS_OK;
    while ((result = cpg_join(handle, &name)) == CS_ERR_TRY_AGAIN)
        ::usleep(1000);
    return result == CS_OK;
}

bool track() {
    cmap_handle_t keys = 0;
    cmap_track_handle_t tracker = 0;
    const auto ignored = [](cmap_handle_t, cmap_track_handle_t, std::int32_t, const char*, cmap_notify_value,
                            cmap_notify_value, void*) {};
    constexpr auto everything = CMAP_TRACK_ADD | CMAP_TRACK_DELETE | CMAP_TRACK_MODIFY | CMAP_TRACK_PREFIX;
    if (cmap_initialize(&keys) != CS_OK || cmap_track_add(keys, "", everything, ignored, nullptr, &tracker) != CS_OK) {
        return false;
    }
    quorum_handle_t quorum = 0;
    quorum_callbacks_t quorum_callbacks{};
    std::uint32_t type = 0;
    if (quorum_initialize(&quorum, &quorum_callbacks, &type) != CS_OK) return false;
    if (quorum_trackstart(quorum, CS_TRACK_CHANGES) != CS_OK) return false;
    votequorum_handle_t votes = 0;
    votequorum_callbacks_t vote_callbacks{};
    if (votequorum_initialize(&votes, &vote_callbacks) != CS_OK) return false;
    return votequorum_trackstart(votes, 0, CS_TRACK_CHANGES) == CS_OK;
}

// The answer of cpg's membership request is large. The engine ends the connection when the answers have no room.
bool ask_and_ignore(const std::string& group) {
    struct {
        qb_ipc_request_header header;
        std::uint32_t length;
        std::uint32_t padding;
        char name[128];
    } request{};
    static_assert(sizeof request == 152);
    constexpr std::int32_t membership = 3;
    request.header.id = membership;
    request.header.size = sizeof request;
    request.length = static_cast<std::uint32_t>(group.size());
    std::memcpy(request.name, group.data(), group.size());
    qb_ipcc_connection_t* connection = qb_ipcc_connect("cpg", kRingSize);
    if (connection == nullptr) return false;
    for (int i = 0; i < 500; ++i) {
        ssize_t sent = 0;
        while ((sent = qb_ipcc_send(connection, &request, sizeof request)) == -EAGAIN)
            ::usleep(1000);
        if (sent < 0) break;  // it has been told
    }
    return true;
}

bool begin(Stuck kind, const std::string& group) {
    switch (kind) {
        case Stuck::member:
            return join(group);
        case Stuck::tracker:
            return track();
        case Stuck::deaf:
            break;
    }
    return ask_and_ignore(group);
}

// Returns in the parent only.
pid_t spawn(Stuck kind, const std::string& group) {
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) throw std::runtime_error("cannot fork");
    if (pid > 0) return pid;
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent || !begin(kind, group)) std::_Exit(1);
    for (;;)
        ::raise(SIGSTOP);
}

}  // namespace

void be_stuck(Stuck kind, unsigned count, const std::string& group) {
    sigset_t end;
    ::sigemptyset(&end);
    ::sigaddset(&end, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &end, nullptr);
    std::vector<pid_t> stuck;
    for (unsigned i = 0; i < count; ++i)
        stuck.push_back(spawn(kind, group));
    for (const pid_t pid : stuck) {
        int status = 0;
        if (::waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status)) {
            throw std::runtime_error("a client could not connect");
        }
    }
    std::puts("stuck");
    std::fflush(stdout);
    int number = 0;
    ::sigwait(&end, &number);
    for (const pid_t pid : stuck)
        ::kill(pid, SIGKILL);
    for (const pid_t pid : stuck)
        ::waitpid(pid, nullptr, 0);
}

}  // namespace chaos
