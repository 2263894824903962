#include "engine/daemon/process_usage.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace engine {
namespace {

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessUsage process_usage() {
    ProcessUsage out;
    std::uint64_t all = 0, resident = 0;
    if (std::ifstream("/proc/self/statm") >> all >> resident) {
        const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        out.virtual_bytes = all * page;
        out.resident_bytes = resident * page;
    }
    std::error_code error;
    const std::filesystem::directory_iterator descriptors("/proc/self/fd", error);
    // One of them is the iterator's own.
    if (!error)
        out.open_descriptors = static_cast<std::uint64_t>(std::distance(begin(descriptors), end(descriptors))) - 1;
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0) out.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    return out;
}

}  // namespace engine
