#pragma once
// A laboratory: N nodes in network namespaces of their own, joined by a bridge, each with its own /etc/corosync,
// /var/lib/corosync, /var/log, /run and /dev/shm, running totemd or a real corosync. Everything is taken down when the
// Lab object ends or, should its process die, by the kernel; a persistent one stays until `destroy`.
// One thread only: hosts end with the thread that made them. All errors are LabError or std::system_error.

#include <optional>
#include <string>
#include <vector>

#include "conformance/lab/log.hpp"
#include "conformance/lab/manifest.hpp"
#include "conformance/lab/plan.hpp"
#include "conformance/lab/process.hpp"

namespace lab {

using Nodes = std::vector<unsigned>;  // node numbers, 1..N

class Lab {
public:
    static Lab create(const Plan& plan);           // no daemon runs yet
    static Lab open(const std::string& name);      // a persistent one
    static std::vector<std::string> list();        // names of all that have a directory, dead ones too
    static bool destroy(const std::string& name);  // false if there was none
    static std::vector<std::string> sweep();       // destroys what dead creators left; returns the names

    Lab(Lab&& other) noexcept : manifest_(std::move(other.manifest_)), owner_(std::exchange(other.owner_, false)) {}
    Lab& operator=(Lab&&) = delete;
    ~Lab();  // takes a laboratory down unless it is persistent

    const Manifest& manifest() const { return manifest_; }
    const std::string& name() const { return manifest_.name; }
    std::filesystem::path directory() const { return directory_of(name()); }
    unsigned size() const { return static_cast<unsigned>(manifest_.nodes.size()); }
    Nodes all() const;

    // --- daemons
    void start(unsigned node);
    void start(const Nodes& nodes);
    // SIGTERM, and how long it took to end; LabError if it did not within the limit.
    milliseconds stop(unsigned node, milliseconds limit = milliseconds(30000));
    void kill(unsigned node, int signal = 9);  // waits for the end if the signal is SIGKILL
    void kill(const Nodes& nodes);             // SIGKILL to all at once, then waits
    void pause(unsigned node) { kill(node, 19); }
    void resume(unsigned node) { kill(node, 18); }
    bool running(unsigned node) const;
    std::optional<int> exit_code(unsigned node) const;  // of the latest daemon, 128 + signal if killed by one
    void wipe_state(unsigned node);                     // as if it had never run; only while it is stopped
    void configure(unsigned node, const std::string& configuration);
    void give_key(unsigned node, char letter);  // a 128-byte key of secauth made of it

    // --- what the nodes say
    Log log(unsigned node) const;
    std::optional<RingView> ring(unsigned node) const;  // nothing if stopped or not settled
    // Waits until exactly these nodes are in one ring and agree on it. LabError, saying what each node sees, if the
    // limit is over.
    RingView wait_ring(const Nodes& members, milliseconds limit = milliseconds(30000)) const;
    bool has_ring(const Nodes& members) const;
    std::string describe_rings() const;

    // --- programs
    Process spawn(unsigned node, const Arguments& command, const Process::Streams& streams) const;
    Finished run(unsigned node, const Arguments& command, milliseconds limit = milliseconds(20000)) const;
    std::filesystem::path node_directory(unsigned node) const;  // the same path inside and outside

    // --- network
    // Without the number of a ring: on all.
    void cut(unsigned from, unsigned to);  // `to` receives nothing from `from` any more
    void cut_both(unsigned a, unsigned b);
    void partition(const std::vector<Nodes>& sides);  // nothing passes between different sides
    void cut_ring(unsigned ring);                     // nothing passes there
    void cut_ring(unsigned ring, unsigned node);      // nothing passes there from and to that node
    void heal();                                      // undoes all cuts
    void set_loss(double share);                      // 0..1, at every node
    void set_loss(unsigned node, double share);
    void start_capture(const std::filesystem::path& file);  // of ring 0; returns when packets are being recorded
    void stop_capture();                                    // returns when the file is complete

private:
    class Change;

    explicit Lab(Manifest manifest, bool owner) : manifest_(std::move(manifest)), owner_(owner) {}

    const NodeRecord& record(unsigned node) const;  // LabError if there is no such node
    NodeRecord& record(unsigned node);
    HostEntry entry(unsigned node) const;
    void check_program(unsigned node) const;
    void check_ring(unsigned ring) const;
    void apply(const NodeRecord& node) const;
    void build(const Plan& plan);

    Manifest manifest_;
    bool owner_ = false;
};

}  // namespace lab
