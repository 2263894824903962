#pragma once
// The real cfsd below a folder of its own. The test's process has mounts, a network and a host name of its own, which
// go with it. Needs root and /dev/fuse.

#include <gtest/gtest.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/base/file_descriptor.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/whole_file.hpp"

namespace cfs::daemon {

using totem::test::get;
using totem::test::put;

// A process that ends with this at the latest.
class Process {
public:
    Process(const std::vector<std::string>& arguments, const std::string& root, std::string error_file);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    int ended_fd() const { return ended_.get(); }  // readable when it has ended
    void signal(int number) const;
    int wait();                  // exit status; -1: ended by a signal
    std::string errors() const;  // what it has written to stderr

private:
    const std::string error_file_;
    const pid_t pid_;
    const engine::FileDescriptor ended_;
    bool waited_ = false;
};

bool wait_for_end(pid_t pid);  // of any process; false after a time that is much too long

class Scene : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;  // ends what has put itself into the background, and gives the system its files back

    // Runs to the end.
    struct Finished {
        int status = -1;
        std::string errors;
    };
    Finished run(const std::vector<std::string>& arguments) { return run_below("", arguments); }
    // With a folder of this one as its root, which gets what a root needs.
    Finished run_below(const std::string& folder, const std::vector<std::string>& arguments);
    // What totem-pve2 prints, or its error.
    std::string ask(const std::vector<std::string>& request);
    // In the foreground, until files can be used; null if it ended before that.
    std::unique_ptr<Process> start(const std::vector<std::string>& arguments = {"-f", "-l"});

    std::string path(const std::string& below_root) const { return root_.path() + "/" + below_root; }
    std::string shown(const std::string& name) const { return path("etc/pve/" + name); }
    bool exists(const std::string& below_root) const;
    void replace_system_file(const std::string& file, const std::string& content);

    const std::string address = "10.9.8.7";
    const std::string node = "cfsdtest";

private:
    void make_root(const std::string& folder);

    totem::test::TemporaryDirectory root_;
    std::vector<std::string> replaced_;
    int started_ = 0;
};

}  // namespace cfs::daemon
