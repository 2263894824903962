#pragma once
// The configuration store on the nodes of a laboratory: a cfsd on each, with its files in a folder of the node
// (CFSD_ROOT), or a real pmxcfs with the same folder where it wants it. The mount is seen by programs on the node only.
// Errors are LabError.

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "conformance/lab/lab.hpp"
#include "conformance/store/store_program.hpp"

namespace lab {

class StoreNodes {
public:
    explicit StoreNodes(Lab& laboratory, Arguments options = {}) : lab_(laboratory), options_(std::move(options)) {}
    ~StoreNodes();  // kills what runs
    StoreNodes(const StoreNodes&) = delete;
    StoreNodes& operator=(const StoreNodes&) = delete;

    // --- daemons
    // What the node runs from its next start on; cfsd unless told so.
    void use(unsigned node, StoreKind kind) { kinds_[node] = kind; }
    StoreKind kind(unsigned node) const;
    void set_environment(unsigned node, const std::string& assignments) { environment_[node] = assignments; }
    // Starts it, on the database that is there or a new one with the node's corosync.conf; does not wait.
    void start(unsigned node, const Arguments& further = {});
    void start(const Nodes& nodes);
    void kill(unsigned node);       // SIGKILL, and collects it
    void kill(const Nodes& nodes);  // all at once
    int stop(unsigned node);        // SIGTERM; its exit status
    bool running(unsigned node);
    pid_t process(unsigned node);  // seen from outside
    std::string log(unsigned node) const;
    // The lengths of all logs, for `since` below.
    using Marks = std::map<unsigned, std::size_t>;
    Marks log_marks() const;

    // --- files
    std::filesystem::path root(unsigned node) const;  // what CFSD_ROOT is
    std::filesystem::path mount(unsigned node) const;
    std::filesystem::path database(unsigned node) const { return root(node) / "var/lib/pve-cluster/config.db"; }

    // A shell script in the mount of a node; fails where nothing is mounted.
    Finished shell(unsigned node, const std::string& script, milliseconds limit = milliseconds(60000)) const;
    // Names and digests of all that is in the tree there.
    std::string listing(unsigned node) const;
    std::string members(unsigned node) const { return shell(node, "cat .members").out; }
    std::size_t online(unsigned node) const;  // nodes that are, as this one says
    bool writable(unsigned node) const;       // tries it: corosync.conf gets the time of now
    void wait_mounted(unsigned node, milliseconds limit = milliseconds(20000)) const;
    // Waits until these nodes, and no others, are online for each other and writing is possible on all of them.
    void wait_writable(const Nodes& nodes, milliseconds limit = milliseconds(40000)) const;
    // Waits until these nodes say that they, and no others, have come to the same tree since then. Nothing was written
    // for that: who writes while others are still away may make a history of its own.
    void wait_synced(const Nodes& nodes, const Marks& since, milliseconds limit = milliseconds(40000)) const;
    // All that the database has, as text.
    std::string rows(unsigned node) const;

private:
    std::string command(unsigned node) const;
    void prepare(unsigned node) const;
    bool synced(unsigned node, std::size_t members, std::size_t since) const;
    void wait_for(const char* what, const Nodes& nodes, milliseconds limit, const std::function<bool()>& done) const;

    Lab& lab_;
    const Arguments options_;  // of cfsd
    std::map<unsigned, StoreKind> kinds_;
    std::map<unsigned, std::string> environment_;
    std::map<unsigned, Process> daemons_;
};

}  // namespace lab
