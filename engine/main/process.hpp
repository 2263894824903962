#pragma once
// What the daemon does to its own process: scheduling, memory, detaching, the lock file.
// Spec corosync-conf.md section 14.4.

#include <optional>
#include <stdexcept>
#include <string>

#include "totem/wire/types.hpp"

namespace engine::program {

// The process cannot go on; what() is to be logged as an error.
class Fatal : public std::runtime_error {
public:
    Fatal(const std::string& text, int exit_code) : std::runtime_error(text), exit_code_(exit_code) {}
    int exit_code() const { return exit_code_; }

private:
    int exit_code_;
};

// "max", "min" or a number to a nice value, cut to what the system knows.
std::optional<int> nice_value(const std::string& text);

struct Scheduling {
    bool realtime = true;
    std::string priority;              // nice value when not real-time; "" leaves it alone
    std::string root_cgroup = "auto";  // yes, no; auto: only if real-time scheduling fails
};

// Never fatal: what cannot be had is logged.
void set_scheduling(const Scheduling& scheduling);

// Keeps the process in memory. Never fatal.
void lock_memory(totem::Dialect dialect);

// To the background: the parent ends with 0, stdio goes to /dev/null. Before any thread. Throws Fatal.
void detach();

// Lock and pid file: held and kept for the object's life.
class LockFile {
public:
    // Throws Fatal: 17 if the file cannot be made, 18 if another instance holds it.
    explicit LockFile(std::string path);
    ~LockFile();
    LockFile(const LockFile&) = delete;
    LockFile& operator=(const LockFile&) = delete;

private:
    std::string path_;
    int fd_ = -1;
};

}  // namespace engine::program
