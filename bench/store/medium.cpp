#include "bench/store/medium.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "conformance/lab/lab.hpp"

namespace bench {
namespace {

std::string device_of(const std::filesystem::path& folder) {
    struct stat status {};
    lab::check(::stat(folder.c_str(), &status), "cannot look at " + folder.string());
    return fmt::format("{}:{}", major(status.st_dev), minor(status.st_dev));
}

}  // namespace

void use(const Medium& medium) {
    std::filesystem::create_directories(medium.folder);
    struct statfs status {};
    lab::check(::statfs(medium.folder.c_str(), &status), "cannot look at " + medium.folder.string());
    const bool in_memory = status.f_type == TMPFS_MAGIC;
    if (in_memory != medium.in_memory())
        throw lab::LabError(fmt::format("{} is {}on a tmpfs: give another folder with --{}-folder",
                                        medium.folder.string(), in_memory ? "" : "not ", medium.name));
    lab::check(::setenv("TOTEM_LAB_DIR", medium.folder.c_str(), 1), "cannot set TOTEM_LAB_DIR");
    lab::Lab::sweep();  // what an earlier run left that was killed
}

// The last mount that has the device: bindings come earlier or later, and have the same source.
std::string describe(const Medium& medium) {
    const std::string device = device_of(medium.folder);
    std::ifstream mounts("/proc/self/mountinfo");
    std::string found = "unknown";
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream words(line);
        std::string id, parent, number, word;
        words >> id >> parent >> number;
        if (number != device) continue;
        while (words >> word && word != "-") {
        }
        std::string type, source;
        words >> type >> source;
        found = type == source ? type : type + " on " + source;
    }
    return found;
}

void sync_file_system(const std::filesystem::path& folder) {
    const auto opened = lab::open_file(folder, O_RDONLY | O_DIRECTORY);
    lab::check(::syncfs(opened.get()), "cannot sync the file system of " + folder.string());
}

std::uint64_t bytes_to_device(const std::filesystem::path& folder) {
    constexpr int kSectorsWritten = 7;  // Documentation/block/stat.rst, always of 512 bytes
    constexpr std::uint64_t kSector = 512;
    std::ifstream file(fmt::format("/sys/dev/block/{}/stat", device_of(folder)));
    std::uint64_t value = 0;
    for (int i = 0; i < kSectorsWritten; ++i)
        file >> value;
    return file ? value * kSector : 0;
}

}  // namespace bench
