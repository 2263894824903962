// cfs-bench: changes files of a configuration store the way tools do, and times every change.
//
// It knows nothing of the store but its folder, so the same program runs on any. Every writer has files of its own;
// every change brings other bytes than the one before. Prints one line of JSON.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <future>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "bench/common/statistics.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

struct Options {
    std::string folder;
    std::string name = "node";  // tells the writers of one node from those of others
    std::string work = "save";
    unsigned writers = 1;
    std::size_t size = 100;
    std::size_t block = 128 * 1024;
    double seconds = 1;
    std::size_t count = 0;  // of changes by each writer, instead of the time
    bool wait = false;      // for the others
    bool latencies = false;
};

int check(int result, const std::string& what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

// One of the programs that change files at the same time.
class Writer {
public:
    Writer(const Options& options, unsigned number) : options_(options) {
        const std::string own = options.name + "-" + std::to_string(number);
        folder_ = options.folder + "/bench/" + own;
        std::filesystem::create_directories(folder_);
        std::filesystem::create_directories(options.folder + "/priv/lock");
        lock_ = options.folder + "/priv/lock/" + own;
        std::error_code none;
        const bool there = std::filesystem::file_size(folder_ + "/file", none) == options.size && !none;
        if (options.work == "in-place" && !there) write_file(folder_ + "/file", O_CREAT | O_TRUNC);
    }

    // Each change's time in microseconds.
    std::vector<double> run(Clock::time_point begin) {
        std::vector<double> out;
        const auto end =
            begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
        for (auto now = Clock::now(); options_.count > 0 ? out.size() < options_.count : now < end;) {
            change();
            const auto done = Clock::now();
            out.push_back(Microseconds(done - now).count());
            now = done;
        }
        return out;
    }

private:
    void change() {
        ++changes_;
        if (options_.work == "lock") return take_and_free_lock();
        if (options_.work == "in-place") return write_file(folder_ + "/file", 0);
        const std::string file = folder_ + "/file" + std::to_string(changes_ % kFiles);
        if (options_.work == "overwrite") return write_file(file, O_CREAT | O_TRUNC);
        const std::string draft = file + ".tmp." + std::to_string(::getpid());
        write_file(draft, O_CREAT | O_EXCL);
        check(std::rename(draft.c_str(), file.c_str()), "cannot rename " + draft);
    }

    void write_file(const std::string& file, int flags) {
        const std::string content = new_content();
        const int fd = check(::open(file.c_str(), O_WRONLY | O_CLOEXEC | flags, 0640), "cannot open " + file);
        for (std::size_t done = 0; done < content.size();) {
            const auto part = std::min(options_.block, content.size() - done);
            const auto written = ::write(fd, content.data() + done, part);
            if (written < 0) ::close(fd);
            check(static_cast<int>(written), "cannot write " + file);
            done += static_cast<std::size_t>(written);
        }
        check(::close(fd), "cannot close " + file);
    }

    // No page of it is one that was written before.
    std::string new_content() const {
        std::string out = std::to_string(Clock::now().time_since_epoch().count()) + "\n";
        while (out.size() < options_.size)
            out += out;
        out.resize(options_.size);
        return out;
    }

    void take_and_free_lock() {
        check(::mkdir(lock_.c_str(), 0700), "cannot make " + lock_);
        check(::rmdir(lock_.c_str()), "cannot remove " + lock_);
    }

    static constexpr std::size_t kFiles = 10;
    const Options& options_;
    std::string folder_, lock_;
    std::size_t changes_ = 0;
};

// Whoever has started all clients ends their input when all of them are ready.
void wait_for_others() {
    std::cout << "ready" << std::endl;
    for (std::string ignored; std::getline(std::cin, ignored);) {
    }
}

nlohmann::json run(const Options& options) {
    std::vector<Writer> writers;
    for (unsigned i = 0; i < options.writers; ++i)
        writers.emplace_back(options, i);
    if (options.wait) wait_for_others();
    const auto begin = Clock::now();
    std::vector<std::future<std::vector<double>>> running;
    for (auto& writer : writers)
        running.push_back(std::async(std::launch::async, [&writer, begin] { return writer.run(begin); }));
    std::vector<double> latencies;
    for (auto& each : running) {
        const auto some = each.get();
        latencies.insert(latencies.end(), some.begin(), some.end());
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    nlohmann::json out = {{"work", options.work},       {"size", options.size},
                          {"writers", options.writers}, {"changes", latencies.size()},
                          {"seconds", seconds},         {"speed", bench::summarize(latencies, seconds)}};
    if (options.latencies) out["latencies_us"] = latencies;
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Changes files of a configuration store the way tools do, and times every change"};
    app.add_option("folder", options.folder, "where the store is mounted")->required()->check(CLI::ExistingDirectory);
    app.add_option("--name", options.name, "of this node's folders below FOLDER/bench")->capture_default_str();
    app.add_option("--work", options.work,
                   "save: new file, write, rename; overwrite: truncate, write; in-place: write over what is there; "
                   "lock: mkdir and rmdir in priv/lock")
        ->check(CLI::IsMember({"save", "overwrite", "in-place", "lock"}))
        ->capture_default_str();
    app.add_option("--writers", options.writers, "at the same time")->check(CLI::Range(1, 1000))->capture_default_str();
    app.add_option("--size", options.size, "bytes of a file")->capture_default_str();
    app.add_option("--block", options.block, "bytes of a call of write")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--seconds", options.seconds, "how long")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--count", options.count, "changes by each writer, instead of --seconds");
    app.add_flag("--wait", options.wait, "print 'ready', and begin when the input ends");
    app.add_flag("--latencies", options.latencies, "print the time of every change too");
    CLI11_PARSE(app, argc, argv);
    try {
        std::cout << run(options).dump() << std::endl;
    } catch (const std::exception& error) {
        std::cerr << "cfs-bench: " << error.what() << '\n';
        return 1;
    }
}
