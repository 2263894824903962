#pragma once
// A tree in memory behind a real mount on a directory of its own. Needs root and /dev/fuse.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "cfs/mount/mount.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/whole_file.hpp"

namespace cfs::mount {

inline constexpr gid_t kGroup = 33;

// Applies what it is asked to at once, or when it is told to.
class MemoryFileSystem final : public FileSystem {
public:
    void look(const std::function<void(const Tree&)>& visit) const override;
    bool quorate() const override { return is_quorate; }
    void submit(Operation operation, Done done) override;
    std::string text(VirtualFile file) const override;
    void set_debug(bool on) override { debug = on; }
    const std::string& node_name() const override { return name; }

    // As if another node had done it; what the kernel has to know of it.
    std::int64_t from_elsewhere(const Operation& operation);
    // Answers what was asked for while `held`, or made while `slow_disk`.
    void answer_held();

    std::atomic<bool> is_quorate = true, debug = false, held = false, slow_disk = false;
    std::atomic<int> texts = 0, submitted = 0, waiting = 0;
    std::string name = "node1";

private:
    std::int64_t apply(const Operation& operation, std::uint32_t writer);

    mutable std::shared_mutex mutex_;
    Tree tree_;
    std::vector<std::function<void()>> waiting_;
};

class Mounted : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

    std::string path(const std::string& name) const { return (point / name).string(); }
    int put(const std::string& name, const std::string& content) const { return totem::test::put(path(name), content); }
    std::string get(const std::string& name) const { return totem::test::get(path(name)); }
    struct stat stat_of(const std::string& name) const;
    std::vector<std::string> list(const std::string& directory) const;  // sorted, without "." and ".."

    totem::test::TemporaryDirectory folder;
    const std::filesystem::path point = folder.path();
    MemoryFileSystem files;
    std::unique_ptr<Mount> mount;
    std::thread server;

private:
    // A request that is never answered holds this very process, and no signal ends it; so the mount goes after a while.
    void watch();

    std::mutex watch_mutex_;
    std::condition_variable watch_wake_;
    bool ended_ = false;
    std::thread watcher_;

protected:
    std::atomic<bool> unmounted = false;
};

}  // namespace cfs::mount
