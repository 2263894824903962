// Random operations against a model that knows a tree as paths only.

#include <gtest/gtest.h>

#include <cerrno>

#include <map>
#include <optional>
#include <string>

#include "cfs/tree/tree.hpp"
#include "tests/cfs/random_operations.hpp"

namespace cfs {
namespace {

// A directory has no content. No versions, locks or errnos: what is where, and whether an operation may do it.
class Model {
public:
    // What should be there if the operation succeeds; nothing if it can't on any tree of this shape.
    bool apply(const Operation& operation) {
        switch (operation.type) {
            case Operation::Type::make_directory:
                return add(operation.path, std::nullopt);
            case Operation::Type::create:
                return add(operation.path, std::string());
            case Operation::Type::write:
                return write(operation);
            case Operation::Type::remove:
                return is_there(operation.path) && !has_children(operation.path) && erase(operation.path);
            case Operation::Type::rename:
                return rename(operation.path, operation.to);
            case Operation::Type::set_mtime:
                return is_there(operation.path);
            case Operation::Type::unlock:
                return false;
        }
        return false;
    }

    void expect_equal(const Tree& tree) const {
        ASSERT_EQ(tree.entries().all().size(), files_.size() + 1);
        std::uint64_t total = 0;
        for (const auto& [path, content] : files_) {
            const Entry* entry = tree.find(path);
            ASSERT_TRUE(entry) << path;
            EXPECT_EQ(tree.entries().path(entry->inode), path);
            EXPECT_EQ(entry->is_directory(), !content.has_value()) << path;
            if (!content) continue;
            const auto bytes = read(*entry, 0, entry->size);
            EXPECT_EQ(std::string(bytes.begin(), bytes.end()), *content) << path;
            total += content->size();
        }
        EXPECT_EQ(tree.entries().total_size(), total);
    }

private:
    static std::string parent(const std::string& path) {
        const auto slash = path.rfind('/');
        return slash == std::string::npos ? "" : path.substr(0, slash);
    }
    bool is_there(const std::string& path) const { return files_.contains(path); }
    bool is_directory(const std::string& path) const {
        return path.empty() || (is_there(path) && !files_.at(path).has_value());
    }
    bool has_children(const std::string& path) const {
        const auto next = files_.lower_bound(path + '/');
        return next != files_.end() && next->first.starts_with(path + '/');
    }
    bool erase(const std::string& path) { return files_.erase(path) == 1; }
    bool add(const std::string& path, std::optional<std::string> content) {
        if (is_there(path) || !is_directory(parent(path))) return false;
        files_[path] = std::move(content);
        return true;
    }
    bool write(const Operation& operation) {
        if (!is_there(operation.path) || is_directory(operation.path)) return false;
        std::string& content = *files_.at(operation.path);
        const std::size_t end = operation.offset + operation.data.size();
        // Upstream's quirk: an empty file takes any offset for its size.
        if (operation.truncate || end > content.size()) content.resize(end);
        content.replace(operation.offset, operation.data.size(),
                        std::string(operation.data.begin(), operation.data.end()));
        return true;
    }
    bool rename(const std::string& from, const std::string& to) {
        if (!is_there(from) || has_children(from)) return false;
        if (from == to) return true;
        if (is_there(to) ? has_children(to) : !is_directory(parent(to)) || parent(to) == from) return false;
        files_[to] = files_.at(from);
        return erase(from);
    }

    std::map<std::string, std::optional<std::string>> files_;
};

TEST(CfsModel, TreeDoesWhatTheModelDoes) {
    std::map<std::int64_t, int> results;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        test::RandomOperations random(seed);
        Tree tree;
        Model model;
        for (int step = 0; step < 400; ++step) {
            const Precheck checked = tree.precheck(random.operation());
            if (checked.verdict == Precheck::Verdict::refuse) continue;
            const Operation& operation = checked.operation;
            if (checked.verdict == Precheck::Verdict::done) continue;
            const std::uint64_t version = tree.version();
            const Outcome outcome = tree.apply(operation, random.stamp());
            ++results[outcome.result < 0 ? outcome.result : 0];
            EXPECT_EQ(tree.version(), version + (outcome.ok() ? 1 : 0));
            EXPECT_EQ(outcome.change.empty(), !outcome.ok());
            // Guests and locks forbid more than the model knows; what is done, it has to do as well.
            if (outcome.ok()) {
                ASSERT_TRUE(model.apply(operation)) << operation.path << " -> " << operation.to;
            } else if (outcome.result != -EEXIST && outcome.result != -EACCES) {
                Model other = model;
                EXPECT_FALSE(other.apply(operation)) << operation.path << " -> " << operation.to;
            }
            if (step % 10 == 0) model.expect_equal(tree);
        }
        model.expect_equal(tree);
        const auto again = tree.replaced_by(tree.entries(), 0);
        ASSERT_TRUE(again);
        EXPECT_EQ(again->guests().all().size(), tree.guests().all().size());
    }
    for (const std::int64_t error : {0, EEXIST, ENOENT, ENOTDIR, ENOTEMPTY, EACCES})
        EXPECT_GT(results[-error], 0) << error;
}

TEST(CfsModel, NodesThatDoTheSameAreTheSame) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        test::RandomOperations random(seed);
        Tree one;
        Tree other;
        for (int step = 0; step < 300; ++step) {
            const Operation operation = random.operation();
            Stamp stamp = random.stamp();
            const Outcome outcome = one.apply(operation, stamp);
            stamp.local_time += 17;  // clocks differ
            EXPECT_EQ(other.apply(operation, stamp).result, outcome.result);
        }
        EXPECT_EQ(one.index(), other.index());
        EXPECT_EQ(one.database_checksum(), other.database_checksum());
    }
}

}  // namespace
}  // namespace cfs
