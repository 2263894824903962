#pragma once
// A daemon's IPC side in a thread of its own: server, CPG and a ring in memory. Tests are the clients.

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "engine/ipc/cpg_frontend.hpp"
#include "engine/ipc/server.hpp"
#include "engine/services/cpg/cpg_service.hpp"
#include "tests/ipc/fake_ring.hpp"

namespace ipc_test {

inline constexpr NodeId kLocal = 7;

struct NodeOptions {
    engine::ipc::ServerConfig server;
    engine::ipc::Authorizer authorizer;
    bool synchronized = true;
};

class TestNode {
public:
    explicit TestNode(NodeOptions options = {});
    ~TestNode();

    // Runs `work` on the node's thread and waits for its result.
    template <typename Work>
    auto on_loop(Work work) {
        std::packaged_task<decltype(work())()> task(std::move(work));
        auto result = task.get_future();
        run(std::packaged_task<void()>([&task] { task(); }));
        return result.get();
    }

    // A synchronisation with these members: from its start, to its end.
    void begin_sync(std::vector<NodeId> transitional, std::vector<NodeId> members, std::uint64_t seq);
    void end_sync();
    // A procjoin or procleave (functions 0 and 1) or mcast (3) of another node's process.
    void remote_process(std::uint32_t function, NodeId node, std::uint32_t pid, std::string_view group,
                        std::uint32_t reason);

    engine::ipc::Server& server() { return *server_; }
    FakeRing& ring() { return *ring_; }
    engine::cpg::CpgService& cpg() { return *cpg_; }
    std::size_t loop_turns();  // handlers run so far
    engine::ipc::ConnectionStats stats_of(pid_t pid);

private:
    void run(std::packaged_task<void()> task);

    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    std::unique_ptr<FakeRing> ring_;
    std::unique_ptr<engine::ipc::CpgFrontend> frontend_;
    std::unique_ptr<engine::cpg::CpgService> cpg_;
    std::unique_ptr<engine::ipc::Server> server_;
    std::atomic<std::size_t> turns_{0};
    std::thread thread_;
};

}  // namespace ipc_test
