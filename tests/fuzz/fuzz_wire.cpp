// The input is one Totem message, shown to every decoder of both dialects. What is accepted must
// encode, in either byte order, to bytes that decode to the same values.

#include "tests/fuzz/input.hpp"
#include "tests/support/any_packet.hpp"

using namespace totem;
using test::AnyPacket, test::decode_any, test::encode_any, test::header_of, test::same_values;

namespace {

void check_round_trip(const wire::Codec& codec, const AnyPacket& packet, ByteOrder order, std::size_t most) {
    AnyPacket written = packet, again;
    header_of(written).order = order;
    const std::vector<std::uint8_t> bytes = encode_any(codec, written);
    FUZZ_CHECK(!bytes.empty() && bytes.size() <= most);
    FUZZ_CHECK(decode_any(codec, bytes, again) == wire::Drop::none);
    FUZZ_CHECK(header_of(again).order == order);
    FUZZ_CHECK(same_values(packet, again));
}

template <typename Packet>
void check_decoder(const wire::Codec& codec, Bytes message, const wire::Header& header, bool accepted) {
    Packet out;
    const wire::Drop drop = codec.decode(message, out);
    if (drop != wire::Drop::none) return;
    FUZZ_CHECK(accepted && out.header.type == header.type);
}

void check_dialect(Dialect dialect, Bytes message) {
    const wire::Codec codec(dialect);
    wire::Header header;
    const bool accepted = codec.decode(message, header) == wire::Drop::none;
    check_decoder<wire::Token>(codec, message, header, accepted);
    check_decoder<wire::Mcast>(codec, message, header, accepted);
    check_decoder<wire::MergeDetect>(codec, message, header, accepted);
    check_decoder<wire::Join>(codec, message, header, accepted);
    check_decoder<wire::CommitToken>(codec, message, header, accepted);
    check_decoder<wire::HoldCancel>(codec, message, header, accepted);
    check_decoder<wire::RingTest>(codec, message, header, accepted);

    AnyPacket packet;
    if (decode_any(codec, message, packet) != wire::Drop::none) return;
    FUZZ_CHECK(accepted);
    check_round_trip(codec, packet, ByteOrder::little, message.size());
    check_round_trip(codec, packet, ByteOrder::big, message.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_dialect(Dialect::v2, {data, size});
    check_dialect(Dialect::v3, {data, size});
    return 0;
}
