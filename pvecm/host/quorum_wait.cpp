#include "pvecm/host/quorum_wait.hpp"

#include <poll.h>

#include <algorithm>
#include <thread>

#include "pvecm/host/store.hpp"
#include "tools/common/connection.hpp"

namespace pvecm {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLookForEngine{500};
// The store follows the engine in a moment, and nothing tells when it has.
constexpr milliseconds kLookAtStore{100};

bool told_quorate = false;

void on_quorum(quorum_handle_t, std::uint32_t quorate, std::uint64_t, std::uint32_t, std::uint32_t*) {
    told_quorate = quorate != 0;
}

// Until it is quorate, goes away, or the time is over.
void await_engine(Clock::time_point end) {
    std::uint32_t type = 0;
    const tools::Quorum quorum([&type](quorum_handle_t* handle) {
        static quorum_callbacks_t callbacks{on_quorum};
        return quorum_initialize(handle, &callbacks, &type);
    });
    int fd = -1;
    told_quorate = false;
    const bool there = quorum.ok() && quorum_fd_get(quorum.get(), &fd) == CS_OK &&
                       quorum_trackstart(quorum.get(), CS_TRACK_CURRENT | CS_TRACK_CHANGES) == CS_OK;
    if (!there) {
        std::this_thread::sleep_for(std::min<Clock::duration>(kLookForEngine, end - Clock::now()));
        return;
    }
    while (!told_quorate && Clock::now() < end) {
        const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now()).count();
        pollfd waiting{fd, POLLIN, 0};
        ::poll(&waiting, 1, static_cast<int>(std::clamp<long>(left, 0, 60'000)));
        if (quorum_dispatch(quorum.get(), CS_DISPATCH_ALL) != CS_OK) return;
    }
}

}  // namespace

bool await_quorum(const Paths& paths, std::optional<std::chrono::seconds> limit) {
    constexpr std::chrono::hours kForEver{24 * 365 * 100};
    const auto end = Clock::now() + (limit ? Clock::duration(*limit) : Clock::duration(kForEver));
    while (!in_step(paths)) {
        if (Clock::now() >= end) return false;
        if (told_quorate) {
            std::this_thread::sleep_for(kLookAtStore);
            told_quorate = false;
        } else {
            await_engine(end);
        }
    }
    return true;
}

}  // namespace pvecm
