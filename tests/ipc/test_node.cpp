#include "tests/ipc/test_node.hpp"

#include <boost/asio/post.hpp>
#include <cstring>
#include <stdexcept>

namespace ipc_test {

TestNode::TestNode(NodeOptions options) {
    thread_ = std::thread([this] {
        while (io_.run_one() != 0)
            ++turns_;
    });
    try {
        on_loop([&] {
            ring_ = std::make_unique<FakeRing>(io_, kLocal);
            frontend_ = std::make_unique<engine::ipc::CpgFrontend>();
            cpg_ = std::make_unique<engine::cpg::CpgService>(*ring_, *frontend_);
            ring_->attach(*cpg_);
            frontend_->attach(*cpg_, *ring_);
            server_ = std::make_unique<engine::ipc::Server>(io_, *ring_, options.authorizer, options.server);
            server_->add(*frontend_);
            server_->start();
        });
    } catch (...) {
        on_loop([&] { server_.reset(); });
        work_.reset();
        thread_.join();
        throw;
    }
    if (!options.synchronized) return;
    begin_sync({kLocal}, {kLocal}, 4);
    end_sync();
}

TestNode::~TestNode() {
    on_loop([&] { server_.reset(); });
    work_.reset();
    io_.stop();
    thread_.join();
}

void TestNode::run(std::packaged_task<void()> task) {
    auto done = task.get_future();
    boost::asio::post(io_, [&task] { task(); });
    done.get();
}

void TestNode::begin_sync(std::vector<NodeId> transitional, std::vector<NodeId> members, std::uint64_t seq) {
    on_loop([&] {
        server_->sync_started();
        auto& participant = *cpg_->participant();
        totem::RingId ring;
        ring.rep.nodeid = members.front();
        ring.seq = seq;
        participant.sync_init(transitional, members, ring);
        if (!participant.sync_process({})) throw std::runtime_error("sync messages found no room");
    });
}

void TestNode::end_sync() {
    on_loop([&] {
        ring_->drain();
        cpg_->participant()->sync_activate({});
        cpg_->participant()->sync_finished({});
        server_->sync_completed();
    });
}

void TestNode::remote_process(std::uint32_t function, NodeId node, std::uint32_t pid, std::string_view group,
                              std::uint32_t reason) {
    std::vector<std::uint8_t> message(168);
    totem::Writer out(message, totem::kNativeOrder);
    out.u32(168);
    out.align(8);
    out.u32(engine::kCpgService << 16 | function);
    out.align(8);
    out.u32(static_cast<std::uint32_t>(group.size()));
    out.align(8);
    out.bytes({reinterpret_cast<const std::uint8_t*>(group.data()), group.size()});
    out.zeros(128 - group.size());
    out.u32(pid);
    out.align(8);
    out.u32(reason);
    on_loop([&] { cpg_->on_exec(function, node, totem::kNativeOrder, message); });
}

std::size_t TestNode::loop_turns() {
    return turns_;
}

engine::ipc::ConnectionStats TestNode::stats_of(pid_t pid) {
    return on_loop([&] {
        for (const auto& connection : server_->connections()) {
            if (connection.pid == pid) return connection.stats;
        }
        throw std::runtime_error("no such connection");
    });
}

}  // namespace ipc_test
