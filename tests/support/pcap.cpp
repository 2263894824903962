#include "tests/support/pcap.hpp"

#include <pcap/pcap.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <tuple>

namespace totem::test {

namespace {

constexpr std::uint16_t kEtherIpv4 = 0x0800, kEtherIpv6 = 0x86DD;
constexpr std::uint8_t kUdp = 17;

NodeAddress address(std::uint16_t family, Bytes bytes) {
    NodeAddress out;
    out.family = family;
    std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
    return out;
}

// An IP payload and whom it is from; fills everything of `out` but the frame.
bool parse_udp(Bytes segment, Datagram& out) {
    Reader in(segment, ByteOrder::big);
    out.source_port = in.u16();
    out.destination_port = in.u16();
    const std::size_t length = in.u16();
    in.skip(2);
    if (!in.ok() || length < 8) return false;
    const Bytes payload = in.bytes(length - 8);
    out.payload.assign(payload.begin(), payload.end());
    return in.ok();
}

// Puts IPv4 fragments together.
class Reassembler {
public:
    using Key = std::tuple<std::vector<std::uint8_t>, std::uint16_t>;  // both addresses, identification

    // The whole segment once its last missing piece has come.
    std::optional<std::vector<std::uint8_t>> add(const Key& key, std::size_t offset, bool more, Bytes piece) {
        Partial& partial = partials_[key];
        partial.bytes.resize(std::max(partial.bytes.size(), offset + piece.size()));
        std::copy(piece.begin(), piece.end(), partial.bytes.begin() + static_cast<std::ptrdiff_t>(offset));
        partial.received += piece.size();
        if (!more) partial.total = offset + piece.size();
        if (partial.total != partial.received) return std::nullopt;
        std::vector<std::uint8_t> whole = std::move(partial.bytes);
        partials_.erase(key);
        return whole;
    }

private:
    struct Partial {
        std::vector<std::uint8_t> bytes;
        std::size_t received = 0;
        std::optional<std::size_t> total;
    };
    std::map<Key, Partial> partials_;
};

bool parse_ipv4(Reader in, Reassembler& reassembler, Datagram& out) {
    const std::size_t header = (in.u8() & 15u) * 4;
    in.skip(1);
    const std::size_t total = in.u16();
    const std::uint16_t identification = in.u16();
    const std::uint16_t fragment = in.u16();
    in.skip(1);
    const std::uint8_t protocol = in.u8();
    in.skip(2);
    const Bytes source = in.bytes(4), destination = in.bytes(4);
    if (!in.ok() || header < 20 || total < header || protocol != kUdp) return false;
    in.skip(header - 20);
    const Bytes segment = in.bytes(total - header);
    if (!in.ok()) return false;
    out.source = address(NodeAddress::kIpv4, source);
    out.destination = address(NodeAddress::kIpv4, destination);

    const std::size_t offset = (fragment & 0x1FFFu) * 8;
    const bool more = (fragment & 0x2000u) != 0;
    if (offset == 0 && !more) return parse_udp(segment, out);
    std::vector<std::uint8_t> addresses(source.begin(), source.end());
    addresses.insert(addresses.end(), destination.begin(), destination.end());
    const auto whole = reassembler.add({addresses, identification}, offset, more, segment);
    return whole && parse_udp(*whole, out);
}

bool parse_ipv6(Reader in, Datagram& out) {
    in.skip(4);
    const std::size_t length = in.u16();
    const std::uint8_t next = in.u8();
    in.skip(1);
    const Bytes source = in.bytes(16), destination = in.bytes(16);
    const Bytes segment = in.bytes(length);
    if (!in.ok() || next != kUdp) return false;
    out.source = address(NodeAddress::kIpv6, source);
    out.destination = address(NodeAddress::kIpv6, destination);
    return parse_udp(segment, out);
}

bool parse_frame(Bytes frame, Reassembler& reassembler, Datagram& out) {
    Reader in(frame, ByteOrder::big);
    in.skip(12);
    switch (in.u16()) {
        case kEtherIpv4:
            return parse_ipv4(Reader(in.rest(), ByteOrder::big), reassembler, out);
        case kEtherIpv6:
            return parse_ipv6(Reader(in.rest(), ByteOrder::big), out);
        default:
            return false;
    }
}

}  // namespace

std::vector<Datagram> read_pcap(const std::filesystem::path& file) {
    char error[PCAP_ERRBUF_SIZE] = "";
    const std::unique_ptr<pcap_t, decltype(&pcap_close)> capture(pcap_open_offline(file.c_str(), error), &pcap_close);
    if (!capture) throw std::runtime_error(error);
    if (pcap_datalink(capture.get()) != DLT_EN10MB) throw std::runtime_error(file.string() + ": not Ethernet");

    std::vector<Datagram> out;
    Reassembler reassembler;
    pcap_pkthdr* info = nullptr;
    const u_char* data = nullptr;
    int result;
    for (std::size_t frame = 1; (result = pcap_next_ex(capture.get(), &info, &data)) == 1; ++frame) {
        Datagram datagram;
        if (!parse_frame(Bytes(data, info->caplen), reassembler, datagram)) continue;
        datagram.frame = frame;
        datagram.time = std::chrono::seconds(info->ts.tv_sec) + std::chrono::microseconds(info->ts.tv_usec);
        out.push_back(std::move(datagram));
    }
    if (result == PCAP_ERROR) throw std::runtime_error(file.string() + ": " + pcap_geterr(capture.get()));
    return out;
}

}  // namespace totem::test
