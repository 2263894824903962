// A client in a process of its own, for tests that kill it or run it as another user.
//   child join GROUP        joins, says so, then waits to be killed
//   child echo GROUP        joins, says so, then prints each message
//   child count GROUP N     joins, says so, then reads N messages numbered from 0 and says whether
//                           they came in order
//   child connect UID GID   prints the result of cpg_initialize as that user

#include <corosync/cpg.h>
#include <grp.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tests/ipc/cpg_client.hpp"

namespace {

void join(ipc_test::CpgClient& client, const char* group) {
    std::printf("%s\n", client.opened == CS_OK && client.joined(group) ? "joined" : "failed");
}

void echo(ipc_test::CpgClient& client) {
    for (std::size_t shown = 0;; ++shown) {
        if (!client.dispatch_until([&] { return client.deliveries.size() > shown; })) return;
        std::printf("%s\n", client.deliveries[shown].data.c_str());
    }
}

void count(ipc_test::CpgClient& client, std::size_t messages) {
    if (!client.dispatch_until([&] { return client.deliveries.size() >= messages; })) {
        std::printf("only %zu\n", client.deliveries.size());
        return;
    }
    for (std::size_t i = 0; i < messages; ++i) {
        if (std::strtoul(client.deliveries[i].data.c_str(), nullptr, 10) != i) {
            std::printf("disorder at %zu\n", i);
            return;
        }
    }
    std::printf("in order %zu\n", messages);
}

}  // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const std::string_view command = argc > 1 ? argv[1] : "";
    if ((command == "join" || command == "echo") && argc == 3) {
        ipc_test::CpgClient client;
        join(client, argv[2]);
        if (command == "echo") echo(client);
        for (;;)
            ::pause();
    }
    if (command == "count" && argc == 4) {
        ipc_test::CpgClient client;
        join(client, argv[2]);
        count(client, static_cast<std::size_t>(std::atol(argv[3])));
        return 0;
    }
    if (command == "connect" && argc == 4) {
        if (::setgroups(0, nullptr) != 0 || ::setgid(static_cast<gid_t>(std::atoi(argv[3]))) != 0 ||
            ::setuid(static_cast<uid_t>(std::atoi(argv[2]))) != 0) {
            return 2;
        }
        ipc_test::CpgClient client;
        std::printf("%d\n", client.opened);
        return 0;
    }
    return 2;
}
