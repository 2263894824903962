#include "tools/omping/qualify/exchange.hpp"

#include <array>

namespace tools::omping::qualify {
namespace {

using totem::ByteOrder;

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kDone = 1;
constexpr std::size_t kNumbers = 10;

}  // namespace

Datagram encode(const Presence& presence) {
    return {kFormat, presence.done ? kDone : std::uint8_t{0}};
}

std::optional<Presence> decode_presence(Bytes value) {
    if (value.size() < 2 || value[0] != kFormat) return std::nullopt;
    return Presence{(value[1] & kDone) != 0};
}

Datagram encode(const PairReport& report) {
    const auto address = address_bytes(report.to);
    Datagram out(2 + address.size() + kNumbers * 4);
    totem::Writer writer(out, ByteOrder::big);
    writer.u8(kFormat);
    writer.u8(static_cast<std::uint8_t>(address.size()));
    writer.bytes(address);
    for (const std::uint32_t number :
         {report.unicast_sent, report.unicast_received, report.group_sent, report.group_received, report.unicast_p50_us,
          report.unicast_p99_us, report.unicast_max_us, report.group_p50_us, report.group_p99_us, report.group_max_us})
        writer.u32(number);
    return out;
}

std::optional<PairReport> decode_report(Bytes value) {
    totem::Reader in(value, ByteOrder::big);
    if (in.u8() != kFormat) return std::nullopt;
    const std::size_t size = in.u8();
    if (size != 4 && size != 16) return std::nullopt;
    const Bytes address = in.bytes(size);
    PairReport out;
    for (std::uint32_t* number :
         {&out.unicast_sent, &out.unicast_received, &out.group_sent, &out.group_received, &out.unicast_p50_us,
          &out.unicast_p99_us, &out.unicast_max_us, &out.group_p50_us, &out.group_p99_us, &out.group_max_us})
        *number = in.u32();
    if (!in.ok()) return std::nullopt;
    out.to = address_from(address);
    return out;
}

}  // namespace tools::omping::qualify
