// totem-posix-check: does a mounted configuration store keep what pmxcfs.md says of it, operation by operation?
// Exit code 0: everything holds; 1: something does not; 2: it could not be checked.
#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "conformance/posix/checks.hpp"

namespace {

using posix::Check;
using posix::Place;
using posix::Store;

struct Options {
    Store store;
    std::vector<std::string> only, skip;
    bool shared = false, json = false, list = false;
};

// Of a check, or of its group.
bool named(const Check& check, const std::string& name) {
    return check.name == name || check.name.starts_with(name + "/");
}

std::vector<Check> chosen(const Options& options) {
    const auto all = posix::all_checks();
    for (const auto* const list : {&options.only, &options.skip}) {
        for (const auto& name : *list) {
            if (std::ranges::none_of(all, [&](const Check& check) { return named(check, name); }))
                throw std::runtime_error(fmt::format("there is no check \"{}\": --list shows all", name));
        }
    }
    std::vector<Check> out;
    for (const Check& check : all) {
        const auto is = [&](const std::string& name) { return named(check, name); };
        if (!options.only.empty() && std::ranges::none_of(options.only, is)) continue;
        if (std::ranges::any_of(options.skip, is) || (options.shared && check.alone)) continue;
        out.push_back(check);
    }
    return out;
}

void look_at(Store& store) {
    if (::geteuid() != 0) throw std::runtime_error("only root may change a store, and become other users");
    if (!S_ISREG(posix::stat_of(store.mount + "/.version").st_mode))
        throw std::runtime_error(fmt::format("{} is no mounted store: it has no .version", store.mount));
    const group* const found = ::getgrnam("www-data");
    if (!found) throw std::runtime_error("there is no group www-data");
    store.group = found->gr_gid;
    if (store.p9) store.largest = 1048576;
    if (store.name.empty()) {
        std::string host(256, '\0');
        ::gethostname(host.data(), host.size() - 1);
        store.name =
            fmt::format("posix-check-{}-{}", host.substr(0, host.find_first_of(std::string(".\0", 2))), ::getpid());
    }
}

struct Result {
    std::string_view name;
    std::vector<std::string> problems;
    std::chrono::milliseconds took{};
};

Result run(const Check& check, const Store& store) {
    const auto begin = std::chrono::steady_clock::now();
    Result result{check.name, {}, {}};
    try {
        Place place(store, check.name);
        try {
            check.run(place);
        } catch (const std::exception& error) {
            place.problem(error.what());
        }
        result.problems = place.problems();
    } catch (const std::exception& error) {
        result.problems.emplace_back(error.what());
    }
    result.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    return result;
}

// The way of the Test Anything Protocol.
void print(const Result& result, std::size_t number) {
    constexpr std::size_t kMost = 20;
    fmt::print("{}ok {} - {} # {} ms\n", result.problems.empty() ? "" : "not ", number, result.name,
               result.took.count());
    for (std::size_t i = 0; i < std::min(result.problems.size(), kMost); ++i)
        fmt::print("# {}\n", result.problems[i]);
    if (result.problems.size() > kMost) fmt::print("# and {} more\n", result.problems.size() - kMost);
    std::cout.flush();
    std::fflush(stdout);
}

nlohmann::json as_json(const std::vector<Result>& results, std::size_t failed) {
    nlohmann::json out = {{"passed", results.size() - failed}, {"failed", failed}, {"checks", nlohmann::json::array()}};
    for (const Result& each : results) {
        out["checks"].push_back({{"name", each.name},
                                 {"ok", each.problems.empty()},
                                 {"milliseconds", each.took.count()},
                                 {"problems", each.problems}});
    }
    return out;
}

int check(Options& options) {
    const auto checks = chosen(options);
    if (options.list) {
        for (const Check& each : checks)
            fmt::print("{}\n", each.name);
        return 0;
    }
    look_at(options.store);
    if (!options.json) fmt::print("1..{}\n", checks.size());
    std::fflush(stdout);  // or children would print it again
    std::vector<Result> results;
    for (const Check& each : checks) {
        results.push_back(run(each, options.store));
        if (!options.json) print(results.back(), results.size());
    }
    const auto failed = static_cast<std::size_t>(
        std::ranges::count_if(results, [](const Result& each) { return !each.problems.empty(); }));
    if (options.json)
        fmt::print("{}\n", as_json(results, failed).dump(2, ' ', true, nlohmann::json::error_handler_t::replace));
    else
        fmt::print("# {} passed, {} failed\n", results.size() - failed, failed);
    return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Checks what of POSIX a mounted configuration store (cfsd, pmxcfs) keeps");
    Options options;
    auto* mount = app.add_option("mount", options.store.mount, "Where the store is mounted, such as /etc/pve");
    mount->check(CLI::ExistingDirectory);
    app.add_option("checks", options.only, "Only these: NAME, or GROUP for all of a group");
    app.add_option("--skip", options.skip, "Not these");
    app.add_option("--name", options.store.name, "What to call the directories it works in (host name and process id)")
        ->check([](const std::string& name) {
            const bool fits = !name.empty() && name.find_first_of("/.") == std::string::npos;
            return fits ? std::string() : "\"" + name + "\" can't be the name of a node, which it has to be";
        });
    app.add_flag("--shared", options.shared, "Others change the store meanwhile: leave out what would be disturbed");
    app.add_flag("--quick", options.store.quick, "Do the same with fewer repetitions");
    app.add_flag("--p9", options.store.p9, "The store has the limits and modes of pve-cluster 9");
    app.add_flag("--json", options.json, "Print the results as JSON, at the end");
    auto* list = app.add_flag("--list", options.list, "Only print the names of the checks");
    CLI11_PARSE(app, argc, argv);
    try {
        if (list->count() == 0 && mount->count() == 0) throw std::runtime_error("say where the store is mounted");
        return check(options);
    } catch (const std::exception& error) {
        fmt::print(stderr, "totem-posix-check: {}\n", error.what());
        return 2;
    }
}
