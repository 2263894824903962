#include "tests/cfs/store/syncs.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::atomic<int> count{0};
std::mutex mutex;
std::string watched;
std::string kept;

// A file is gone for good when its directory was synced.
void drop_deleted() {
    std::vector<fs::path> gone;
    for (const auto& entry : fs::directory_iterator(kept)) {
        if (!fs::exists(fs::path(watched) / entry.path().filename())) gone.push_back(entry.path());
    }
    for (const fs::path& path : gone)
        fs::remove(path);
}

void keep(int file) {
    ++count;
    const std::scoped_lock lock(mutex);
    if (watched.empty()) return;
    std::error_code gone;
    const fs::path path = fs::read_symlink("/proc/self/fd/" + std::to_string(file), gone);
    if (gone) return;
    if (path == watched) drop_deleted();
    if (path.parent_path() != watched || !fs::is_regular_file(path)) return;
    fs::copy_file(path, fs::path(kept) / path.filename(), fs::copy_options::overwrite_existing);
}

}  // namespace

extern "C" int fdatasync(int file) {
    keep(file);
    return static_cast<int>(::syscall(SYS_fdatasync, file));
}
extern "C" int fsync(int file) {
    keep(file);
    return static_cast<int>(::syscall(SYS_fsync, file));
}

namespace cfs::store::test {

int syncs() {
    return count;
}

Disk::Disk(std::string folder, std::string disk) {
    const std::scoped_lock lock(mutex);
    watched = std::move(folder);
    kept = std::move(disk);
    fs::create_directories(kept);
}

Disk::~Disk() {
    const std::scoped_lock lock(mutex);
    watched.clear();
}

void Disk::copy_to(const std::string& folder) const {
    const std::scoped_lock lock(mutex);
    fs::remove_all(folder);
    fs::copy(kept, folder);
}

}  // namespace cfs::store::test
