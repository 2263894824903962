#pragma once
// A libcpg client that sends a stream of checkable messages as fast as the engine takes them and checks what is
// delivered from all streams of the group.

#include <corosync/cpg.h>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/client/delivery_log.hpp"
#include "conformance/client/payload.hpp"

namespace flood {

using Clock = std::chrono::steady_clock;

struct Options {
    std::string group = "flood";
    std::uint32_t index = 0;            // tells this run from earlier ones on the same node
    std::optional<std::uint64_t> send;  // data messages; nothing: until told to stop
    Sizes sizes = Sizes::parse("1:40,64:30,1400:20,20000:3,262144:1");
    double rate = 0;                    // messages per second, 0: as fast as possible
    unsigned members = 1;               // members of the group to wait for before sending
    std::chrono::seconds timeout{120};  // of the whole run
    std::filesystem::path log;          // delivery log, "" for none
    bool report_events = false;         // tell changes of the group on standard error as they happen
};

// One sender as this receiver knows it.
struct Stream {
    std::uint64_t messages = 0, bytes = 0;  // data messages delivered
    std::uint64_t unchecked = 0;            // small ones delivered before it was known which they are
    std::optional<std::uint64_t> next;      // expected sequence number, nothing while not known
    std::uint64_t least = 0;                // no later message may have a number below this
    bool from_the_start = false;            // its first message was seen
    bool ended = false;
};

struct Outcome {
    std::uint32_t node = 0;
    bool complete = false;  // every member of the group has ended and all checks could be made
    std::string reason;     // why the run ended
    std::uint64_t sent = 0, delivered = 0, bytes = 0, refused = 0, interrupted = 0;
    std::uint64_t chain = 0;  // over sender and content of all messages, in order
    std::map<StreamId, Stream> streams;
    std::vector<std::string> errors;  // the first ones
    std::uint64_t error_count = 0;
    std::vector<std::string> events;
    double seconds = 0;  // from the first message to the last delivery
};

class FloodClient {
public:
    FloodClient(Options options, const volatile std::sig_atomic_t& stop);
    ~FloodClient();
    Outcome run();

private:
    struct Process {
        std::uint32_t node, pid;
        auto operator<=>(const Process&) const = default;
    };
    struct Sender {
        std::optional<StreamId> stream;  // once known
        bool ended = false;
    };
    enum class Sending { waiting, starting, flowing, ending, over };

    void connect();
    bool join();
    void loop();
    void send_some();
    bool send(const Header& header, std::size_t size);
    bool due() const;
    unsigned dispatch_some();
    void wait(int milliseconds_at_most);
    bool time_is_up() const { return Clock::now() >= deadline_; }
    void finish(const std::string& reason, bool complete);

    void delivered(std::uint32_t node, std::uint32_t pid, std::span<const std::byte> message);
    void check_stream(Sender& sender, std::uint32_t node, const std::optional<Header>& header,
                      std::span<const std::byte> message);
    void check_data(Stream& stream, const StreamId& id, const std::optional<Header>& header,
                    std::span<const std::byte> message);
    void configuration_changed(std::span<const cpg_address> members, std::span<const cpg_address> left,
                               std::span<const cpg_address> joined);
    void ring_changed(const cpg_ring_id& ring, std::span<const std::uint32_t> members);
    void finish_if_all_ended();
    void fail(const std::string& what);
    void note(const std::string& event);

    Options options_;
    const volatile std::sig_atomic_t& stop_;
    Clock::time_point begin_ = Clock::now(), deadline_, first_sent_{}, last_delivered_{};
    cpg_handle_t handle_ = 0;
    int descriptor_ = -1;
    Sending sending_ = Sending::waiting;
    bool done_ = false, barrier_passed_ = false;
    std::uint64_t events_dispatched_ = 0;
    std::map<Process, Sender> senders_;
    DeliveryWriter log_;
    Outcome outcome_;
};

std::string to_json(const Outcome& outcome);

}  // namespace flood
