#include "bench/side_by_side/usage.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <filesystem>
#include <sstream>

#include "conformance/lab/system.hpp"

namespace bench {
namespace {

std::filesystem::directory_iterator threads_of(pid_t process) {
    return std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process));
}

}  // namespace

// In nanoseconds, where /proc/PID/stat has ticks.
double processor_seconds(pid_t process) {
    double nanoseconds = 0;
    for (const auto& thread : threads_of(process))
        nanoseconds += std::stod(lab::read_file(thread.path() / "schedstat"));
    return nanoseconds / 1e9;
}

Memory memory_of(pid_t process) {
    constexpr double kKilobyte = 1024;
    Memory out;
    std::istringstream file(lab::read_file(fmt::format("/proc/{}/smaps_rollup", process)));
    std::string line;
    std::getline(file, line);  // the range of addresses
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string name;
        double value = 0;
        words >> name >> value;
        if (name == "Pss:") out.pss = value * kKilobyte;
        if (name == "Rss:") out.rss = value * kKilobyte;
    }
    return out;
}

bool is_real_time(pid_t process) {
    for (const auto& thread : threads_of(process)) {
        const int policy = ::sched_getscheduler(std::stoi(thread.path().filename()));
        if (policy == SCHED_RR || policy == SCHED_FIFO) return true;
    }
    return false;
}

}  // namespace bench
