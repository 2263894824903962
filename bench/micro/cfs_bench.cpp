// The configuration store: what a change costs in bytes on disk and in time, one at a time and in groups, and what a
// sync has to hash.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "cfs/store/store.hpp"
#include "tests/support/temporary_directory.hpp"

namespace {

using namespace cfs;

// A store in a directory of its own, with one file of the size.
class Filled {
public:
    explicit Filled(std::size_t size) {
        Events events;
        auto opened = store::Store::open({folder_.path() + "/config.db", Settings::of(Era::p9), 1}, events);
        if (!opened) throw std::runtime_error(opened.text());
        opened_.emplace(std::move(*opened));
        apply(Operation::create("file"));
        if (size > 0) apply(Operation::write("file", std::vector<std::uint8_t>(size, 'x')));
        opened_->store->drain();
        before_ = opened_->store->counters();
    }
    Filled(const Filled&) = delete;
    Filled& operator=(const Filled&) = delete;

    void apply(const Operation& operation) {
        Outcome outcome = opened_->tree.apply(operation, {1, ++time_, time_});
        if (!outcome.ok()) throw std::runtime_error("an operation failed");
        opened_->store->submit(std::move(outcome.change), {});
    }
    void drain() { opened_->store->drain(); }
    void report(benchmark::State& state) const {
        const auto now = opened_->store->counters();
        const auto changes = static_cast<double>(now.changes - before_.changes);
        state.counters["bytes/change"] = static_cast<double>(now.bytes_written() - before_.bytes_written()) / changes;
        state.counters["changes/commit"] = changes / static_cast<double>(now.commits - before_.commits);
    }

private:
    totem::test::TemporaryDirectory folder_;
    std::optional<store::Opened> opened_;
    store::Counters before_;
    std::uint32_t time_ = 1500000000;
};

// Each change waits for the disk.
void cfs_mtime(benchmark::State& state) {
    Filled store(static_cast<std::size_t>(state.range(0)));
    std::uint32_t mtime = 1600000000;
    for (auto _ : state) {
        store.apply(Operation::set_mtime("file", ++mtime));
        store.drain();
    }
    store.report(state);
}
BENCHMARK(cfs_mtime)->Arg(1 << 10)->Arg(1 << 19);

// How the tools save a file: a new one, its content, renamed over the old one. The three go to the disk together.
void cfs_save(benchmark::State& state) {
    Filled store(0);
    const std::vector<std::uint8_t> content(static_cast<std::size_t>(state.range(0)), 'y');
    for (auto _ : state) {
        store.apply(Operation::create("file.tmp"));
        store.apply(Operation::write("file.tmp", content));
        store.apply(Operation::rename("file.tmp", "file"));
        store.drain();
    }
    store.report(state);
}
BENCHMARK(cfs_save)->Arg(1 << 10)->Arg(1 << 16);

// A file that grows by blocks of 4 KiB, as an old pmxcfs sends it, while nobody waits.
void cfs_grow(benchmark::State& state) {
    Filled store(0);
    for (auto _ : state) {
        store.apply(Operation::truncated("file", 0));
        for (std::uint64_t offset = 0; offset < 1 << 19; offset += 4096) {
            store.apply(Operation::write("file", std::vector<std::uint8_t>(4096, 'z'), offset));
        }
        store.drain();
    }
    store.report(state);
}
BENCHMARK(cfs_grow);

// The digests of a tree with 10000 files, 30 MiB in all.
void cfs_index(benchmark::State& state) {
    Tree tree;
    for (int i = 0; i < 10000; ++i) {
        const std::string name = "file-" + std::to_string(i);
        tree.apply(Operation::create(name), {});
        tree.apply(Operation::write(name, std::vector<std::uint8_t>(3145, 'x')), {});
    }
    for (auto _ : state)
        benchmark::DoNotOptimize(tree.index());
}
BENCHMARK(cfs_index)->Unit(benchmark::kMillisecond);

}  // namespace
