#pragma once
// What the conformance cases share: rings of mixed daemons, floods on their nodes, and the checks on what came out.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "conformance/client/flood_process.hpp"
#include "conformance/lab/lab.hpp"

namespace conformance {

using lab::Lab;
using lab::milliseconds;
using lab::Nodes;
using lab::Transport;
using std::chrono::seconds;

// One letter per node, node 1 first: T totemd, C corosync 3.x, K corosync 2.x.
std::vector<lab::DaemonKind> kinds(const std::string& mix);

struct Case {
    std::string mix;
    Transport transport = Transport::udp;
};
std::string case_name(const testing::TestParamInfo<Case>& info);
void PrintTo(const Case& value, std::ostream* out);
std::vector<Case> cases(const std::vector<std::string>& mixes, const std::vector<Transport>& transports);

// Why the daemons of a mix cannot run here; "" if they can.
std::string missing(const std::string& mix);

using Flood = flood::FloodProcess;

// What a flood reports; a failure of the test and an empty object if it does not end or reports nothing.
nlohmann::json result_of(Flood& flood, milliseconds limit);

inline constexpr const char* wide_sizes = "1:50,64:30,1400:15,20000:4,1048576:1";
inline constexpr const char* small_sizes = "1:20,40:30,200:30,1400:15,9000:5";

class RingTest : public testing::Test {
protected:
    // Makes a laboratory and, unless told not to, starts all nodes and waits for their ring. Skips the test if a daemon
    // of the mix is missing: check `ready()` afterwards.
    void set_up(const std::string& mix, lab::Plan plan, bool start = true);
    bool ready() const { return lab_ != nullptr && !HasFatalFailure(); }
    void TearDown() override;  // keeps the logs of a failed case

    Lab& laboratory() { return *lab_; }

    // One flood per node, that many messages each, all at once; checks that all delivered the same sequence and nothing
    // is missing. Returns the hash of the sequence.
    std::string flood_all(const Nodes& nodes, unsigned messages, const std::string& sizes,
                          seconds limit = seconds(120));
    std::string flood_all(const Nodes& nodes, unsigned messages, const std::function<std::string(unsigned)>& sizes_of,
                          seconds limit = seconds(120));

    // Floods that go on until stopped.
    void start_flood(unsigned node, const std::vector<std::string>& options);
    void wait_for_floods();  // until all of them send
    std::vector<nlohmann::json> finish_floods(milliseconds limit = milliseconds(60000));
    // Of all floods of the test, ended ones too: every pair of different nodes.
    void expect_same_deliveries();
    Flood& flood_on(unsigned node);  // the latest one there

    // Nothing was formed anew since then. Skips the test if the machine did not let a daemon run and the ring changed.
    void expect_same_membership(const std::map<unsigned, std::size_t>& marks);

    // The node with the highest id is killed and restarted, then cut off and joined again.
    void lose_and_regain_the_last();

    std::size_t count_in_logs(const std::string& part, const std::map<unsigned, std::size_t>& marks);
    std::map<unsigned, std::size_t> log_marks();

    std::unique_ptr<Lab> lab_;
    std::vector<Flood> floods_;

private:
    unsigned next_index_ = 0;
};

// Rings of the mixes in the parameter.
class MixedRingTest : public RingTest, public testing::WithParamInterface<Case> {
protected:
    lab::Plan plan() const {
        lab::Plan result;
        result.transport = GetParam().transport;
        return result;
    }
};

// What corosync-quorumtool and totem-calls print, less what differs between the nodes of one ring.
std::string without_own(std::string text);

// A program on a node that prints what it sees, line by line, until it is told to end.
class RunningTool {
public:
    // Its output goes to a file of the laboratory.
    RunningTool(const Lab& lab, unsigned node, const lab::Arguments& command);

    const lab::Log& output() const { return output_; }
    bool running() const { return process_.id().alive(); }
    // Gives it `input` and the end of its input, or a signal instead; everything it printed. A failure of the test
    // if it does not end.
    std::string end(const std::string& input);
    std::string interrupt();

private:
    std::string collect();

    lab::Log output_;
    lab::FileDescriptor input_;
    lab::Process process_;
};

// A UDP (or TCP, SOCK_STREAM) socket of this process in a node's network, bound to a port.
lab::FileDescriptor open_socket(const Lab& lab, unsigned node, std::uint16_t port, int type = SOCK_DGRAM);

void expect_clean(const nlohmann::json& result);  // complete, no fault found

}  // namespace conformance
