#include "tests/cfs/mount/mounted.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace cfs::mount {

void MemoryFileSystem::look(const std::function<void(const Tree&)>& visit) const {
    const std::shared_lock lock(mutex_);
    visit(tree_);
}

std::int64_t MemoryFileSystem::apply(const Operation& operation, std::uint32_t writer) {
    const std::unique_lock lock(mutex_);
    const auto now = static_cast<std::uint32_t>(std::time(nullptr));
    return tree_.apply(operation, {writer, now, now}).result;
}

void MemoryFileSystem::submit(Operation operation, Done done) {
    ++submitted;
    if (!is_quorate) return done(-EACCES);
    Precheck check;
    look([&](const Tree& tree) { check = tree.precheck(std::move(operation)); });
    if (check.verdict == Precheck::Verdict::done) return done(0);
    if (check.verdict == Precheck::Verdict::refuse) return done(check.error);
    if (!held && !slow_disk) return done(apply(check.operation, 1));
    std::function<void()> rest;
    if (slow_disk)
        rest = [done = std::move(done), result = apply(check.operation, 1)] { done(result); };
    else
        rest = [this, done = std::move(done), operation = std::move(check.operation)] { done(apply(operation, 1)); };
    const std::unique_lock lock(mutex_);
    waiting_.push_back(std::move(rest));
    ++waiting;
}

void MemoryFileSystem::answer_held() {
    std::vector<std::function<void()>> ready;
    {
        const std::unique_lock lock(mutex_);
        ready.swap(waiting_);
        waiting = 0;
    }
    for (const auto& rest : ready)
        rest();
}

std::int64_t MemoryFileSystem::from_elsewhere(const Operation& operation) {
    return apply(operation, 2);
}

std::string MemoryFileSystem::text(VirtualFile file) const {
    if (file == VirtualFile::debug) return debug ? "1\n" : "0\n";
    return "text " + std::to_string(const_cast<std::atomic<int>&>(texts)++) + "\n";
}

void Mounted::SetUp() {
    if (geteuid() != 0 || access("/dev/fuse", R_OK | W_OK) != 0)
        GTEST_SKIP() << "NOT TESTED, mounting needs root and /dev/fuse";
    mount = std::make_unique<Mount>(files, Mount::Options{point, kGroup, 3});
    server = std::thread([this] { unmounted = mount->serve(); });
    watcher_ = std::thread([this] { watch(); });
}

void Mounted::watch() {
    std::unique_lock lock(watch_mutex_);
    if (watch_wake_.wait_for(lock, std::chrono::seconds(60), [this] { return ended_; })) return;
    ADD_FAILURE() << "a request was not answered";
    force_unmount(point);
}

void Mounted::TearDown() {
    if (!mount) return;
    {
        const std::lock_guard lock(watch_mutex_);
        ended_ = true;
    }
    watch_wake_.notify_one();
    watcher_.join();
    mount->stop();
    server.join();
    mount.reset();
    clear_mount_point(point);
}

struct stat Mounted::stat_of(const std::string& name) const {
    struct stat out {};
    EXPECT_EQ(::lstat(path(name).c_str(), &out), 0) << name << ": " << errno;
    return out;
}

std::vector<std::string> Mounted::list(const std::string& directory) const {
    std::vector<std::string> out;
    for (const auto& each : std::filesystem::directory_iterator(path(directory)))
        out.push_back(each.path().filename().string());
    std::ranges::sort(out);
    return out;
}

}  // namespace cfs::mount
