#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tools/cmapctl/commands.hpp"
#include "tools/common/program.hpp"
#include "tools/common/stop_signal.hpp"

namespace tools::cmapctl {
namespace {

constexpr int changes = CMAP_TRACK_ADD | CMAP_TRACK_DELETE | CMAP_TRACK_MODIFY;

const char* word_for(int event) {
    switch (event) {
        case CMAP_TRACK_ADD:
            return "create";
        case CMAP_TRACK_DELETE:
            return "delete";
        case CMAP_TRACK_MODIFY:
            return "modify";
        default:
            return "unknown change";
    }
}

void on_change(cmap_handle_t, cmap_track_handle_t, std::int32_t event, const char* key, cmap_notify_value now,
               cmap_notify_value before, void* data) {
    const auto& session = *static_cast<const Session*>(data);
    const cmap_notify_value& shown = event == CMAP_TRACK_DELETE ? before : now;
    const Value value{shown.type, {static_cast<const char*>(shown.data), shown.len}};
    if (session.json) {
        auto json = json_of(key, value);
        json["event"] = word_for(event);
        print_json(json, -1);
    } else {
        fmt::print("{}> {}", word_for(event), line_of(key, value, session.style));
    }
    std::fflush(stdout);
}

bool told_to_quit() {
    std::array<char, 256> input{};
    const ssize_t got = ::read(STDIN_FILENO, input.data(), input.size());
    return got <= 0 || input[0] == 'q';
}

int watch(const Session& session, const StopSignal& stop) {
    int fd = -1;
    cs_error_t error = cmap_fd_get(session.cmap, &fd);
    if (error != CS_OK) {
        fmt::print(stderr, "Failed to get file handle. Error {}\n", cs_strerror(error));
        return 1;
    }
    std::array<pollfd, 3> waiting = {{{stop.fd(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}, {fd, POLLIN, 0}}};
    for (;;) {
        if (::poll(waiting.data(), waiting.size(), -1) < 0) {
            if (errno == EINTR) continue;
            fmt::print(stderr, "poll: {}\n", std::strerror(errno));
            return 1;
        }
        if (waiting[0].revents != 0) return 0;
        if (waiting[2].revents != 0 && (error = cmap_dispatch(session.cmap, CS_DISPATCH_ALL)) != CS_OK) {
            fmt::print(stderr, "Dispatch error {}\n", cs_strerror(error));
            return 1;
        }
        if (waiting[1].revents != 0 && told_to_quit()) return 0;
    }
}

}  // namespace

int track(const Session& session, const Words& keys, bool prefix) {
    const StopSignal stop;
    Session shown = session;
    for (const std::string& key : keys) {
        cmap_track_handle_t handle = 0;
        const cs_error_t error = cmap_track_add(session.cmap, key.c_str(), changes | (prefix ? CMAP_TRACK_PREFIX : 0),
                                                on_change, &shown, &handle);
        if (error != CS_OK) {
            fmt::print(stderr, "Failed to add tracking function. Error {}\n", cs_strerror(error));
            return 1;
        }
    }
    if (!session.json) fmt::print("Type \"q\" to finish\n");
    std::fflush(stdout);
    return watch(session, stop);
}

}  // namespace tools::cmapctl
