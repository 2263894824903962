// totem-store-writers: many writers in a mounted store, and the check that what they were told to be written is there.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <thread>

#include "conformance/store_client/verify.hpp"
#include "conformance/store_client/writer.hpp"

namespace {

namespace fs = std::filesystem;
using namespace store_client;

std::atomic<bool> stop = false;

void on_signal(int) {
    stop = true;
}

int write(const Options& options) {
    Recorded before;
    if (fs::exists(journal_path(options.folder, options.node))) before = read_journal(options.folder, options.node);
    const Journal journal(options.folder, options.node);
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < options.threads; ++thread) {
        const WriterId writer{options.node, thread};
        const auto known = before.histories.find(writer);
        threads.emplace_back(
            [&journal, &options](History history) { Writer(options, std::move(history), journal, stop).run(); },
            known == before.histories.end() ? History(writer) : known->second);
    }
    for (auto& thread : threads)
        thread.join();
    return 0;
}

int check(const fs::path& folder, const std::vector<fs::path>& mounts) {
    const Verdict verdict = verify(folder, mounts);
    fmt::print("{}\n", to_json(verdict));
    return verdict.faults.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Many writers in a mounted store, and the check that what they wrote is there");
    app.require_subcommand(1);
    app.footer("Exit status: 0 fine, 1 something is missing, different or too much, 2 it could not be done.");

    Options options;
    auto* writes = app.add_subcommand("write", "Write until SIGTERM; a store that goes away is waited for");
    writes->add_option("--mount", options.mount, "Of the store")->required();
    writes->add_option("--folder", options.folder, "For the journals of all nodes, outside of the store")->required();
    writes->add_option("--node", options.node, "Number of this node")->capture_default_str();
    writes->add_option("--nodes", options.nodes, "Between which guests are moved")->capture_default_str();
    writes->add_option("--threads", options.threads, "Writers")->capture_default_str();
    writes->add_option("--run", options.run, "Number of this run of the programs, for the names of locks");
    writes->add_option("--locks", options.locks, "How many locks all writers share")->capture_default_str();
    writes->add_option("--operations", options.operations, "End when each writer has so many acknowledged");
    writes->add_option("--very-largest", options.very_largest, "Size of a few of the files")->capture_default_str();

    fs::path folder;
    std::vector<fs::path> mounts;
    auto* verifies = app.add_subcommand("verify", "Compare trees with the journals and each other");
    verifies->add_option("--folder", folder, "Of the journals")->required();
    verifies->add_option("--mount", mounts, "Of the store; once for each node")->required();
    CLI11_PARSE(app, argc, argv);

    std::signal(SIGTERM, on_signal);
    std::signal(SIGINT, on_signal);
    try {
        return writes->parsed() ? write(options) : check(folder, mounts);
    } catch (const std::exception& error) {
        fmt::print(stderr, "totem-store-writers: {}\n", error.what());
        return 2;
    }
}
