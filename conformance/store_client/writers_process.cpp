#include "conformance/store_client/writers_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "conformance/store_client/journal.hpp"

namespace store_client {

namespace fs = std::filesystem;

WriterProcesses::WriterProcesses(const lab::Lab& laboratory, const lab::StoreNodes& stores)
    : lab_(laboratory), stores_(stores), folder_(laboratory.directory() / "writers") {
    fs::create_directories(folder_);
}

void WriterProcesses::start(const std::map<unsigned, unsigned>& threads, const lab::Arguments& options) {
    ++runs_;
    for (const auto& [node, count] : threads)
        start(node, count, options);
}

void WriterProcesses::start(unsigned node, unsigned threads, const lab::Arguments& options) {
    begun_at_[node] = lab::Log(journal_path(folder_, node)).size();
    lab::Arguments command = {lab::beside_us("totem-store-writers"),
                              "write",
                              "--mount",
                              mount(node),
                              "--folder",
                              folder_,
                              "--node",
                              std::to_string(node),
                              "--nodes",
                              std::to_string(lab_.size()),
                              "--threads",
                              std::to_string(threads),
                              "--run",
                              std::to_string(runs_)};
    command.insert(command.end(), options.begin(), options.end());
    const auto log = lab::open_file(folder_ / fmt::format("{}.log", node), O_WRONLY | O_CREAT | O_APPEND, 0644);
    // The journals are outside of the hosts.
    processes_[node] = lab::Process(lab::HostEntry(lab_.manifest().nodes.at(node - 1).init), lab::Inside::network,
                                    command, {.out = log.get(), .err = log.get()});
}

fs::path WriterProcesses::mount(unsigned node) const {
    const auto& init = lab_.manifest().nodes.at(node - 1).init;
    return fmt::format("/proc/{}/root{}", init.pid, stores_.mount(node).string());
}

void WriterProcesses::wait_for(const lab::Nodes& nodes, std::size_t operations, lab::milliseconds limit) const {
    const auto done = [&](unsigned node) {
        return lab::Log(journal_path(folder_, node)).count(" A", begun_at_.at(node)) >= operations;
    };
    if (lab::wait_until(limit, [&] { return std::ranges::all_of(nodes, done); })) return;
    throw lab::LabError(
        fmt::format("the writers do not get {} operations acknowledged within {} ms", operations, limit.count()));
}

void WriterProcesses::stop() {
    constexpr lab::milliseconds limit{3000};
    for (auto& [node, process] : processes_)
        process.signal(SIGTERM);
    for (auto& [node, process] : processes_)
        if (!process.wait(limit)) process.end();
    processes_.clear();
}

void WriterProcesses::wait(lab::milliseconds limit) {
    for (auto& [node, process] : processes_) {
        const auto status = process.wait(limit);
        if (status != 0)
            throw lab::LabError(fmt::format("the writers of node {}: {}:\n{}", node,
                                            status ? fmt::format("status {}", *status) : "do not end",
                                            lab::read_file(folder_ / fmt::format("{}.log", node))));
    }
    processes_.clear();
}

Verdict WriterProcesses::verify(const lab::Nodes& nodes) const {
    std::vector<fs::path> mounts;
    for (const auto node : nodes)
        mounts.push_back(mount(node));
    return store_client::verify(folder_, mounts);
}

}  // namespace store_client
