// bench-store: how many small changes a second a configuration store makes, how long they take and what they write to
// disk: cfsd over totemd, cfsd over corosync and a real pmxcfs, in turn and side by side.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/store/medium.hpp"
#include "bench/store/report.hpp"

namespace {

struct Options {
    std::vector<std::string> media = {"disk", "tmpfs"};
    std::vector<std::string> nodes = {"local", "1", "3", "5"};
    std::vector<std::string> works = {"save:100", "save:4096", "overwrite:4096", "lock:0"};
    std::vector<unsigned> writers = {1, 8};
    std::vector<std::string> changes = {"4096:200", "524288:20"};
    unsigned rounds = 3;
    double seconds = 1;
    std::string transport = "udpu";
    std::filesystem::path disk_folder = "build/bench/store-disk";
    std::filesystem::path tmpfs_folder = "/dev/shm/totem-bench-store";
    std::filesystem::path json;
    std::filesystem::path picture = "build/bench/store";
    std::vector<std::filesystem::path> read;
};

// "WORD:NUMBER"
std::pair<std::string, std::size_t> split(const std::string& text) {
    const auto colon = text.find(':');
    std::size_t number = 0;
    if (colon == std::string::npos || !CLI::detail::lexical_cast(text.substr(colon + 1), number))
        throw std::runtime_error("'" + text + "' is not of the form save:4096 or 4096:200");
    return {text.substr(0, colon), number};
}

void progress(const std::string& text) {
    if (::isatty(STDERR_FILENO))
        fmt::print(stderr, "\r\033[K{}", text);
    else if (!text.empty())
        fmt::print(stderr, "{}\n", text);
}

class Run {
public:
    explicit Run(const Options& options) : options_(options) {}

    bench::Results all() {
        for (const auto& name : options_.media) {
            const bench::Medium medium{
                name, std::filesystem::absolute(name == "disk" ? options_.disk_folder : options_.tmpfs_folder)};
            bench::use(medium);
            results_.media[name] = bench::describe(medium);
            for (const auto& nodes : options_.nodes)
                one_size(medium, nodes == "local" ? 0 : static_cast<unsigned>(std::stoul(nodes)));
        }
        progress("");
        return std::move(results_);
    }

private:
    void one_size(const bench::Medium& medium, unsigned nodes) {
        where_ = fmt::format("{}, {}", medium.name, nodes == 0 ? "local mode" : fmt::format("{} nodes", nodes));
        std::vector<bench::Contestant> contestants;
        for (const auto& kind : bench::kinds(nodes)) {
            progress(fmt::format("{}: {} is started", where_, kind.name));
            contestants.emplace_back(kind, nodes, lab::parse_transport(options_.transport));
        }
        // First, while there are few files to compare.
        if (!medium.in_memory()) bytes(medium, nodes, contestants);
        for (const auto& text : options_.works) {
            const auto [kind, size] = split(text);
            for (const unsigned writers : options_.writers) {
                for (const bool everywhere : {false, true}) {
                    if (!everywhere || nodes > 1) speed(medium, nodes, contestants, {kind, size, writers, everywhere});
                }
            }
        }
    }

    void speed(const bench::Medium& medium, unsigned nodes, std::vector<bench::Contestant>& contestants,
               const bench::Work& work) {
        std::vector<bench::Cell> cells;
        for (const auto& contestant : contestants)
            cells.push_back({{medium.name, nodes, contestant.name()}, work, {}});
        for (unsigned round = 0; round < options_.rounds; ++round) {
            for (std::size_t i = 0; i < contestants.size(); ++i) {
                progress(fmt::format("{}: {} of {} bytes, {} writers{}, round {}: {}", where_, work.kind, work.size,
                                     work.writers, work.everywhere ? " a node" : "", round + 1, contestants[i].name()));
                cells[i].rounds.push_back(bench::measure_speed(contestants[i], work, options_.seconds));
            }
        }
        results_.speeds.insert(results_.speeds.end(), cells.begin(), cells.end());
    }

    void bytes(const bench::Medium& medium, unsigned nodes, std::vector<bench::Contestant>& contestants) {
        for (const auto& text : options_.changes) {
            const auto [size, count] = split(text);
            for (const char* kind : {"save", "in-place"}) {
                for (auto& contestant : contestants) {
                    progress(fmt::format("{}: {} changes of {} bytes, {}: {}", where_, count, size, kind,
                                         contestant.name()));
                    auto written = bench::measure_bytes(contestant, kind, std::stoul(size), count);
                    written.place = {medium.name, nodes, contestant.name()};
                    results_.bytes.push_back(std::move(written));
                }
            }
        }
    }

    const Options& options_;
    bench::Results results_;
    std::string where_;
};

// What earlier runs have written, as one.
bench::Results read(const std::vector<std::filesystem::path>& files) {
    bench::Results all;
    for (const auto& file : files) {
        auto some = nlohmann::json::parse(lab::read_file(file)).get<bench::Results>();
        all.media.merge(some.media);
        all.speeds.insert(all.speeds.end(), some.speeds.begin(), some.speeds.end());
        all.bytes.insert(all.bytes.end(), some.bytes.begin(), some.bytes.end());
    }
    return all;
}

void run(const Options& options) {
    if (options.read.empty()) {
        if (const auto reason = lab::missing_store(lab::StoreKind::pmxcfs5); !reason.empty())
            fmt::print(stderr, "bench-store: compared are our own only, {}\n", reason);
    }
    const auto results = options.read.empty() ? Run(options).all() : read(options.read);
    fmt::print("{}", bench::tables(results));
    if (!options.json.empty()) {
        lab::write_file(options.json, nlohmann::json(results).dump(1) + "\n");
        fmt::print("written: {}\n", options.json.string());
    }
    const auto picture = std::filesystem::absolute(options.picture);
    std::filesystem::create_directories(picture.parent_path());
    if (const auto drawn = bench::draw(results, picture)) fmt::print("written: {}\n", drawn->string());
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"small changes of a configuration store: how many, how fast, and what they write to disk; as ratios"};
    const auto list = [&](const char* name, auto& value, const char* what) {
        return app.add_option(name, value, what)->delimiter(',')->capture_default_str();
    };
    list("--media", options.media, "disk, tmpfs")->check(CLI::IsMember({"disk", "tmpfs"}));
    list("--nodes", options.nodes, "nodes of a ring, or 'local' for a store that has none")
        ->check(CLI::IsMember({"local"}) | CLI::Range(1u, lab::most_nodes));
    list("--works", options.works, "WORK:BYTES: save, overwrite, in-place (see cfs-bench --help), or lock:0");
    list("--writers", options.writers, "at the same time on a node");
    list("--changes", options.changes, "BYTES:COUNT: by how many changes of what size bytes on disk are measured");
    app.add_option("--rounds", options.rounds, "runs of each kind and store")->capture_default_str();
    app.add_option("--seconds", options.seconds, "length of a run")->capture_default_str();
    app.add_option("--transport", options.transport, "udp, udpu")->capture_default_str();
    app.add_option("--disk-folder", options.disk_folder, "for the files of the nodes")->capture_default_str();
    app.add_option("--tmpfs-folder", options.tmpfs_folder, "for the files of the nodes")->capture_default_str();
    app.add_option("--json", options.json, "write all numbers there");
    app.add_option("--picture", options.picture, "without .png; needs gnuplot")->capture_default_str();
    app.add_option("--read", options.read, "show what earlier runs wrote with --json, as one run")
        ->check(CLI::ExistingFile);
    CLI11_PARSE(app, argc, argv);
    try {
        run(options);
    } catch (const std::exception& error) {
        progress("");
        fmt::print(stderr, "bench-store: {}\n", error.what());
        return 1;
    }
}
