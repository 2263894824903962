#include "tools/omping/address.hpp"

#include <algorithm>

namespace tools::omping {

std::vector<std::uint8_t> address_bytes(const Address& address) {
    const auto copy = [](const auto& bytes) { return std::vector<std::uint8_t>(bytes.begin(), bytes.end()); };
    return address.is_v4() ? copy(address.to_v4().to_bytes()) : copy(address.to_v6().to_bytes());
}

Address address_from(totem::Bytes bytes) {
    if (bytes.size() == 4) {
        boost::asio::ip::address_v4::bytes_type value{};
        std::copy_n(bytes.begin(), value.size(), value.begin());
        return boost::asio::ip::address_v4(value);
    }
    boost::asio::ip::address_v6::bytes_type value{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), value.size()), value.begin());
    return boost::asio::ip::address_v6(value);
}

bool same_host(const Address& a, const Address& b) {
    return a.is_v4() == b.is_v4() && address_bytes(a) == address_bytes(b);
}

bool same_network(const Address& a, const Address& b, unsigned bits) {
    if (a.is_v4() != b.is_v4()) return false;
    const auto left = address_bytes(a), right = address_bytes(b);
    for (unsigned bit = 0; bit < bits && bit < left.size() * 8; ++bit) {
        const unsigned mask = 0x80u >> (bit % 8);
        if ((left[bit / 8] & mask) != (right[bit / 8] & mask)) return false;
    }
    return true;
}

}  // namespace tools::omping
