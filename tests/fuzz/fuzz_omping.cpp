// A datagram as it comes from the network into a node with two hosts, one of which has a session: decoded, answered,
// counted. Input: datagrams behind their lengths; the first byte of each says who sent it and to which socket.
#include <fmt/format.h>

#include "tests/fuzz/input.hpp"
#include "tools/omping/node.hpp"

namespace {

using namespace tools::omping;
using namespace std::chrono_literals;
using totem::fuzz::Input;

class World final : NodePort, NodeObserver {
public:
    void run(Input& in) {
        for (std::size_t host = 0; host < node_.size(); ++host)
            node_.tick(host, now_);
        while (!in.done()) {
            const std::uint8_t how = in.u8();
            Datagram bytes;
            // The ids and sessions in force, which no input can guess.
            if ((how & 4) != 0) bytes = last_;
            const Bytes given = in.bytes();
            bytes.insert(bytes.end(), given.begin(), given.end());
            const Address from = (how & 1) != 0 ? peer_ : stranger_;
            check(bytes);
            node_.receive({bytes, {from, 4321}, (how & 2) != 0, how, now_}, [this] { return now_; });
            now_.monotonic += 1ms * (how >> 3);
            node_.tick(0, now_);
        }
    }

private:
    // What was decoded lies inside the datagram, and an answer is no longer than its query and what is added.
    static void check(Bytes bytes) {
        const auto message = decode(bytes);
        if (!message) return;
        for (const Option& option : message->options)
            totem::fuzz::touch(option.value);
        for (const Prefix& prefix : message->prefixes)
            (void)prefix.matches(boost::asio::ip::make_address("232.43.211.234"));
        FUZZ_CHECK(encode_answer(*message, 64, {}).size() <= bytes.size() + 17);
        FUZZ_CHECK(encode_stop(*message, "").size() <= bytes.size() + 5);
        FUZZ_CHECK(decode(encode_answer(*message, 64, {})).has_value());
    }
    void send(const Endpoint&, Bytes message) override { last_.assign(message.begin(), message.end()); }
    void send_to_group(std::uint16_t, Bytes message) override { FUZZ_CHECK(message.size() <= kLargestMessage); }
    void replied(std::size_t host, const Reply& reply) override {
        FUZZ_CHECK(reply.sequence != 0 && node_.client(host).unicast().received <= node_.client(host).sent() + 1);
    }

    static NodeSettings settings() {
        NodeSettings out;
        out.client.group = out.server.group = boost::asio::ip::make_address("232.43.211.234");
        return out;
    }

    const Address peer_ = boost::asio::ip::make_address("10.0.0.2");
    const Address stranger_ = boost::asio::ip::make_address("10.0.0.9");
    Now now_{Instant(1000s), WallTime(1700000000s)};
    Datagram last_;
    Node node_{settings(),
               {{"b", peer_}, {"c", boost::asio::ip::make_address("10.0.0.3")}},
               [](totem::MutableBytes out) { std::fill(out.begin(), out.end(), std::uint8_t{0x11}); },
               *this,
               *this};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    World().run(input);
    return 0;
}
