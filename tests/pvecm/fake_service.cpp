// A service for the tests of the runner: fake-service PIDFILE ready|end. Writes its process id, says that it is
// ready, and waits for SIGTERM; or ends at once.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

int main(int argc, char** argv) {
    if (argc < 3 || std::string(argv[2]) == "end") {
        std::fputs("no reason\n", stderr);
        return 3;
    }
    if (std::FILE* const file = std::fopen(argv[1], "w")) {
        std::fprintf(file, "%d\n", static_cast<int>(::getpid()));
        std::fclose(file);
    }
    const std::string name = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(&address.sun_path[1], name.data() + 1, name.size() - 1);
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    ::sendto(fd, "READY=1", 7, 0, reinterpret_cast<const sockaddr*>(&address),
             static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size()));
    ::pause();
    return 0;
}
