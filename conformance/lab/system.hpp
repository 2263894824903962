#pragma once
// The few operating system helpers the laboratory needs. All errors are std::system_error or LabError.

#include <sys/types.h>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace lab {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// What went wrong and, where there is one, what to do about it; meant to be shown to a person.
struct LabError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        reset(std::exchange(other.fd_, -1));
        return *this;
    }
    ~FileDescriptor() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void reset(int fd = -1);

private:
    int fd_ = -1;
};

// Throws std::system_error made of errno if result is negative.
int check(int result, const std::string& what);
FileDescriptor open_file(const std::filesystem::path& path, int flags, unsigned mode = 0600);
std::pair<FileDescriptor, FileDescriptor> make_pipe();  // read end, write end; close-on-exec

// The path a program has that was built beside this one.
std::filesystem::path beside_us(const std::string& program);

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::string_view text);  // replaces the file atomically

// A process is named by pid and start time, so that a number used again by another process is never signalled.
struct ProcessId {
    pid_t pid = 0;
    std::uint64_t start_time = 0;  // clock ticks since boot

    bool alive() const;  // false for a zombie too
    bool signal(int number) const;
    // A pidfd that becomes readable at the end of the process; empty if it has ended.
    FileDescriptor open() const;
};
ProcessId identify(pid_t pid);  // start_time 0 if there is no such process

// Waits until the process has ended; false if the time is up.
bool wait_for_end(const ProcessId& process, milliseconds limit);

// Calls `done` until it is true (checking every few milliseconds, for conditions nothing can notify about) or the limit
// is over; returns its last value.
bool wait_until(milliseconds limit, const std::function<bool()>& done);

}  // namespace lab
