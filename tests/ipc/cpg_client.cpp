#include "tests/ipc/cpg_client.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace ipc_test {

namespace {

CpgClient& client_of(cpg_handle_t handle) {
    void* context = nullptr;
    cpg_context_get(handle, &context);
    return *static_cast<CpgClient*>(context);
}

std::vector<cpg_address> list_of(const cpg_address* list, std::size_t count) {
    return {list, list + count};
}

void on_deliver(cpg_handle_t handle, const cpg_name*, std::uint32_t node, std::uint32_t pid, void* data,
                std::size_t size) {
    client_of(handle).deliveries.push_back({node, pid, std::string(static_cast<const char*>(data), size)});
}

void on_confchg(cpg_handle_t handle, const cpg_name* group, const cpg_address* members, std::size_t member_count,
                const cpg_address* left, std::size_t left_count, const cpg_address* joined, std::size_t joined_count) {
    client_of(handle).confchgs.push_back({std::string(group->value, group->length), list_of(members, member_count),
                                          list_of(left, left_count), list_of(joined, joined_count)});
}

void on_totem_confchg(cpg_handle_t handle, cpg_ring_id ring, std::uint32_t count, const std::uint32_t* members) {
    auto& client = client_of(handle);
    client.totem_confchgs.push_back({ring, {members, members + count}, client.confchgs.size()});
}

}  // namespace

cpg_name name_of(std::string_view group) {
    cpg_name name{};
    name.length = static_cast<std::uint32_t>(group.size());
    std::memcpy(name.value, group.data(), group.size());
    return name;
}

CpgClient::CpgClient(unsigned flags) {
    cpg_model_v1_data_t model{};
    model.model = CPG_MODEL_V1;
    model.cpg_deliver_fn = on_deliver;
    model.cpg_confchg_fn = on_confchg;
    model.cpg_totem_confchg_fn = on_totem_confchg;
    model.flags = flags;
    opened = cpg_model_initialize(&handle, CPG_MODEL_V1, reinterpret_cast<cpg_model_data_t*>(&model), this);
}

CpgClient::~CpgClient() {
    finalize();
}

cs_error_t CpgClient::finalize() {
    if (opened != CS_OK) return opened;
    opened = CS_ERR_INIT;
    return cpg_finalize(handle);
}

cs_error_t CpgClient::join(std::string_view group) {
    const cpg_name name = name_of(group);
    return cpg_join(handle, &name);
}

cs_error_t CpgClient::leave(std::string_view group) {
    const cpg_name name = name_of(group);
    return cpg_leave(handle, &name);
}

cs_error_t CpgClient::mcast(std::string_view data, bool once) {
    const iovec chunk{const_cast<char*>(data.data()), data.size()};
    for (;;) {
        const cs_error_t result = cpg_mcast_joined(handle, CPG_TYPE_AGREED, &chunk, 1);
        if (once || result != CS_ERR_TRY_AGAIN) return result;
        std::this_thread::sleep_for(milliseconds(1));  // what the library asks its users to do
    }
}

cs_error_t CpgClient::dispatch_some() {
    return cpg_dispatch(handle, CS_DISPATCH_ALL);
}

bool CpgClient::dispatch_until(const std::function<bool()>& done, milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    int fd = -1;
    if (cpg_fd_get(handle, &fd) != CS_OK) return false;
    while (!done()) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd state{fd, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&state, 1, static_cast<int>(left.count())) <= 0) return false;
        if (dispatch_some() != CS_OK) return done();
    }
    return true;
}

bool CpgClient::joined(std::string_view group) {
    const std::size_t before = confchgs.size();
    return join(group) == CS_OK && dispatch_until([&] { return confchgs.size() > before; });
}

Child::Child(std::vector<std::string> arguments) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    std::vector<char*> argv{const_cast<char*>(IPC_TEST_CHILD)};
    for (auto& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::execv(IPC_TEST_CHILD, argv.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
    if (pid_ < 0) throw std::runtime_error("fork");
}

Child::~Child() {
    if (!reaped_) {
        kill(SIGKILL);
        wait();
    }
    ::close(output_);
}

std::string Child::read_line() {
    std::string line;
    char c;
    while (::read(output_, &c, 1) == 1) {
        if (c == '\n') return line;
        line += c;
    }
    return line;
}

void Child::kill(int signal) {
    ::kill(pid_, signal);
}

int Child::wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    reaped_ = true;
    return status;
}

}  // namespace ipc_test
