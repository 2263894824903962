#pragma once
// Runs the real totemd in a folder of its own.

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.hpp"

namespace engine {

struct Finished {
    int exit_code = -1;  // -1: ended by a signal
    std::string out;
    std::string err;
};

using Arguments = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;

// To the end of the process.
Finished run_totemd(const Arguments& arguments, const Environment& environment = {});

// A daemon in its own network namespace that is stopped at the end of the test at the latest.
class Running {
public:
    Running(const Arguments& arguments, const Environment& environment, const std::string& stderr_file);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    void signal(int number) const;
    int wait();  // exit code
    pid_t pid() const { return pid_; }

private:
    pid_t pid_ = -1;
    bool ended_ = false;
};

// Can this user make network namespaces?
bool can_isolate();

// A folder with a configuration, a state directory and a place for the lock file.
class Scene {
public:
    Scene();

    std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
    void write(const std::string& name, const std::string& text) const;
    std::string read(const std::string& name) const;

    // A configuration of dialect 3.x that works on any host: one node at 127.0.0.1.
    static std::string good_totem();
    static std::string good_nodelist();
    // Logs to stderr only, without timestamps, state in this folder.
    std::string environment_sections() const;
    std::string good() const { return good_totem() + good_nodelist() + environment_sections(); }

    // totemd -t -c with this text.
    Finished test(const std::string& config, const Environment& environment = {}) const;
    Arguments foreground(const std::string& config) const;

private:
    totem::test::TemporaryDirectory folder_;
};

}  // namespace engine
