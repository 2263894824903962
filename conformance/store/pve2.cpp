// totem-pve2: one request to the configuration store of this node over its socket, as its local programs make them
// (pmxcfs.md section 14). Prints the answer; ends with the errno that it is, if it is one.
#include <fmt/format.h>
#include <qb/qbipcc.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "cfs/ipc/answers.hpp"

namespace {

using namespace cfs::ipc;

constexpr std::size_t kLargest = std::size_t{8192} * 128;
constexpr std::size_t kNameSize = 256;
constexpr int kPatience = 20'000;  // milliseconds

std::string name(std::string text) {
    text.resize(kNameSize);
    return text;
}

std::string text(const std::string& text) {
    return text + '\0';
}

std::string number(std::uint32_t value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

class Connection {
public:
    Connection() : handle_(qb_ipcc_connect("pve2", kLargest)) {}
    ~Connection() {
        if (handle_) qb_ipcc_disconnect(handle_);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Prints the data. An exit status.
    int ask(std::int32_t id, const std::string& body) {
        if (!handle_) return failed("connecting to pve2", errno);
        const RequestHeader header{.id = id, .size = static_cast<std::int32_t>(sizeof(RequestHeader) + body.size())};
        std::string request(sizeof header, '\0');
        std::memcpy(request.data(), &header, sizeof header);
        request += body;
        if (const ssize_t sent = qb_ipcc_send(handle_, request.data(), request.size()); sent < 0)
            return failed("sending", static_cast<int>(-sent));
        std::vector<char> buffer(kLargest);
        const ssize_t size = qb_ipcc_recv(handle_, buffer.data(), buffer.size(), kPatience);
        if (size < static_cast<ssize_t>(sizeof(ResponseHeader))) return failed("no answer", static_cast<int>(-size));
        ResponseHeader response;
        std::memcpy(&response, buffer.data(), sizeof response);
        if (response.error != 0) return failed("refused", -response.error);
        fmt::print("{}", std::string_view(buffer.data() + sizeof response, buffer.data() + size));
        return 0;
    }

private:
    static int failed(const char* what, int error) {
        fmt::print(stderr, "totem-pve2: {}: {}\n", what, std::strerror(error));
        return error;
    }
    qb_ipcc_connection_t* handle_;
};

struct Request {
    std::int32_t id = 0;
    std::string body;
};

void add_commands(CLI::App& app, Request& request, std::vector<std::string>& words) {
    const auto add = [&](const char* command, const char* help, std::size_t arguments, std::int32_t id, auto body) {
        auto* sub = app.add_subcommand(command, help);
        // Words as they are: an option's would be taken for lists and numbers.
        sub->prefix_command();
        sub->callback([&request, &words, sub, arguments, id, body] {
            words = sub->remaining();
            if (words.size() != arguments)
                throw CLI::ValidationError(sub->get_name(), fmt::format("needs {} arguments", arguments));
            request = {id, body()};
        });
    };
    const auto nothing = [] { return std::string(); };
    add("version", "What .version shows", 0, kGetVersion, nothing);
    add("members", "What .members shows", 0, kGetMembers, nothing);
    add("guests", "What .vmlist shows", 0, kGetGuests, nothing);
    add("rrd", "What .rrd shows", 0, kGetRrd, nothing);
    // Some values are texts with their NUL (13.1).
    add("set", "KEY VALUE: a key of this node", 2, kSetStatus, [&] {
        const bool is_text = words[0].starts_with("rrd/") || words[0] == "nodeip";
        return name(words[0]) + (is_text ? text(words[1]) : words[1]);
    });
    add("get", "NODE KEY: a key of a node", 2, kGetStatus, [&] { return name(words[1]) + name(words[0]); });
    add("config", "PATH: the content of a file", 1, kGetConfig, [&] { return text(words[0]); });
    add("log", "IDENT TAG TEXT: a line for the cluster's log", 3, kLog, [&] {
        std::string head{'\6', static_cast<char>(words[0].size() + 1), static_cast<char>(words[1].size() + 1)};
        return head + text(words[0]) + text(words[1]) + text(words[2]);
    });
    add("clusterlog", "USER: the cluster's log, of one user, or '' for all", 1, kGetClusterLog,
        [&] { return std::string(16, '\0') + text(words[0]); });
    add("property", "GUEST NAME: one line of a guest's configuration", 2, kGetGuestProperty,
        [&] { return number(static_cast<std::uint32_t>(std::stoul(words[0]))) + text(words[1]); });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"One request to the configuration store of this node"};
    app.require_subcommand(1);
    Request request;
    std::vector<std::string> words;
    add_commands(app, request, words);
    CLI11_PARSE(app, argc, argv);
    return Connection().ask(request.id, request.body);
}
