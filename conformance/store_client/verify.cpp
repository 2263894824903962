#include "conformance/store_client/verify.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "conformance/store_client/journal.hpp"
#include "conformance/store_client/places.hpp"

namespace store_client {

namespace fs = std::filesystem;

namespace {

struct Node {
    bool directory = false;
    time_t changed = 0;
    std::string content;
    bool operator==(const Node&) const = default;
};
using Tree = std::map<std::string, Node>;  // by path

// What is computed (.version, ...) and links are not part of it.
Tree read_tree(const fs::path& mount) {
    Tree tree;
    for (auto each = fs::recursive_directory_iterator(mount); each != fs::recursive_directory_iterator(); ++each) {
        const std::string path = each->path().lexically_relative(mount).string();
        if (path.front() == '.' || each->is_symlink()) continue;
        struct stat status {};
        lab::check(::stat(each->path().c_str(), &status), "cannot look at " + each->path().string());
        const bool directory = S_ISDIR(status.st_mode);
        tree[path] = {directory, status.st_mtime, directory ? "" : lab::read_file(each->path())};
    }
    return tree;
}

std::string describe(const State& state) {
    if (state.empty()) return "nothing";
    std::vector<std::string> parts;
    for (const auto& [place, content] : state)
        parts.push_back(fmt::format("at place {} {}", place, store_client::describe(content)));
    return fmt::format("{}", fmt::join(parts, ", "));
}

class Check {
public:
    Check(const Recorded& recorded, const fs::path& mount, const Tree& tree, std::vector<std::string>& faults)
        : recorded_(recorded), mount_(mount), tree_(tree), faults_(faults) {}

    void run() {
        for (const auto& [writer, history] : recorded_.histories)
            for (const std::string& slot : history.slots())
                if (kind_of(slot) != SlotKind::lock) check_slot(history, slot);
        check_locks();
        check_strangers();
    }

private:
    template <typename... Arguments>
    void fault(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
        faults_.push_back(mount_.string() + ": " + fmt::format(text, std::forward<Arguments>(arguments)...));
    }

    State actual(const WriterId& writer, const std::string& slot, unsigned places) {
        State state;
        for (unsigned place = 0; place < places; ++place) {
            const std::string path = path_of(writer, slot, place);
            known_.insert(path);
            if (const auto found = tree_.find(path); found != tree_.end()) state[place] = found->second.content;
        }
        return state;
    }

    void check_slot(const History& history, const std::string& slot) {
        constexpr unsigned most_places = 64;  // of a guest: as many as a laboratory can have nodes
        const unsigned places = kind_of(slot) == SlotKind::guest ? most_places : 2;
        const State found = actual(history.writer(), slot, places);
        const auto& possible = history.states(slot);
        if (possible.contains(found)) return;
        std::vector<std::string> texts;
        for (const State& state : possible)
            texts.push_back(describe(state));
        fault("{} of writer {} has {}; it has to have {}", slot, to_string(history.writer()), describe(found),
              fmt::join(texts, " or "));
    }

    // A lock is there if a writer has it, and only if a writer may have it.
    void check_locks() {
        std::map<std::string, bool> certain;
        for (const auto& [writer, history] : recorded_.histories)
            for (const std::string& slot : history.slots())
                if (kind_of(slot) == SlotKind::lock && history.states(slot) != std::set{State{}})
                    certain[slot] |= history.known(slot);
        for (const auto& [lock, held] : certain)
            if (held && !tree_.contains(path_of({}, lock, 0))) fault("{} was not left and is gone", lock);
        const std::string folder = path_of({}, "l", 0);
        for (auto each = tree_.lower_bound(folder); each != tree_.end() && each->first.starts_with(folder); ++each)
            if (!certain.contains(each->first.substr(folder.size() - 1))) fault("nobody has {}", each->first);
    }

    // In the writers' own directories is nothing else.
    void check_strangers() {
        for (const auto& [writer, history] : recorded_.histories) {
            const std::string folder = directory_of(writer) + "/";
            for (auto each = tree_.lower_bound(folder); each != tree_.end() && each->first.starts_with(folder); ++each)
                if (!known_.contains(each->first)) fault("nobody made {}", each->first);
        }
    }

    const Recorded& recorded_;
    const fs::path& mount_;
    const Tree& tree_;
    std::vector<std::string>& faults_;
    std::set<std::string> known_;
};

void compare(const Tree& first, const Tree& other, const fs::path& mount, std::vector<std::string>& faults) {
    constexpr std::size_t most = 5;
    std::vector<std::string> different;
    for (const auto& [path, node] : first)
        if (const auto found = other.find(path); found == other.end() || found->second != node)
            different.push_back(path);
    for (const auto& [path, node] : other)
        if (!first.contains(path)) different.push_back(path);
    if (different.empty()) return;
    const std::size_t count = different.size();
    different.resize(std::min(count, most));
    faults.push_back(fmt::format("{}: {} entries differ from those of the first tree: {}", mount.string(), count,
                                 fmt::join(different, ", ")));
}

}  // namespace

Verdict verify(const fs::path& folder, const std::vector<fs::path>& mounts) {
    const Recorded recorded = read_journals(folder);
    Verdict verdict;
    verdict.writers = recorded.histories.size();
    verdict.faults = recorded.violations;
    for (const auto& [writer, history] : recorded.histories) {
        verdict.acknowledged += history.count(Outcome::acknowledged);
        verdict.unknown += history.count(Outcome::unknown);
        verdict.refused += history.count(Outcome::refused);
        const auto& contradictions = history.contradictions();
        verdict.faults.insert(verdict.faults.end(), contradictions.begin(), contradictions.end());
    }
    std::optional<Tree> first;
    for (const fs::path& mount : mounts) {
        Tree tree = read_tree(mount);
        Check(recorded, mount, tree, verdict.faults).run();
        if (first) compare(*first, tree, mount, verdict.faults);
        if (!first) first = std::move(tree);
    }
    verdict.entries = first ? first->size() : 0;
    return verdict;
}

std::string to_json(const Verdict& verdict) {
    const nlohmann::json json = {{"writers", verdict.writers}, {"acknowledged", verdict.acknowledged},
                                 {"unknown", verdict.unknown}, {"refused", verdict.refused},
                                 {"entries", verdict.entries}, {"faults", verdict.faults}};
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace store_client
