#pragma once
// What a client has had delivered, in order, on disk: one line per message and per configuration. And the comparison of
// such logs by the rules of extended virtual synchrony (totem-srp.md section 24).
//
//   V <ring id> <member> ...          regular configuration
//   M <node> <size> <hash>            message
//   S                                 this client sends from here on
//   G +<node> ... -<node>:<reason> …  change of the group

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace flood {

struct Delivery {
    std::uint32_t node = 0;
    std::uint64_t size = 0, hash = 0;
    auto operator<=>(const Delivery&) const = default;
};

// The messages a client got from when a ring was installed until the next one was.
struct View {
    std::string ring_id;
    std::vector<std::uint32_t> members;
    std::vector<Delivery> messages;
    // Who left the group with its node meanwhile: if it is in the next ring it comes from another one, though this
    // client may have been told of no ring between the two.
    std::set<std::uint32_t> departed = {};
};

class DeliveryWriter {
public:
    explicit DeliveryWriter(const std::filesystem::path& path);  // "" writes nothing
    void view(const std::string& ring_id, const std::vector<std::uint32_t>& members);
    void message(const Delivery& delivery);
    void group(const std::string& change);
    void sending();
    void flush() { file_.flush(); }

private:
    std::ofstream file_;
};

std::vector<View> read_deliveries(const std::filesystem::path& path);

// What comparing the deliveries of two clients on different nodes has brought to light.
struct Comparison {
    std::string difference;  // empty if all is well, else a sentence about the first difference
    // Messages one of them lacks because it came to a ring whose other members were in the middle of them.
    std::size_t missed_by_a = 0, missed_by_b = 0;
};

// Between two rings that both have been through, both must have delivered the same messages in the same order; in what
// only the end of one log covers, one must be the beginning of the other; and where they parted, messages both
// delivered must be in the same order. One thing is allowed: in the first ring a node shares with another one it may
// lack messages of that one until it has delivered the first (it joined its group later, or the message began in a
// packet of the old ring; totempg-sync-services.md section 4).
Comparison compare(const std::vector<View>& a, const std::vector<View>& b);

}  // namespace flood
