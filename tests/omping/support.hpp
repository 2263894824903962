#pragma once
// What the tests of omping share: addresses, ids that are known, messages from hex.

#include <algorithm>
#include <string_view>

#include "tests/support/hex.hpp"
#include "tools/omping/client.hpp"

namespace tools::omping {

inline Address address(std::string_view text) {
    return boost::asio::ip::make_address(text);
}

inline const Address kGroup = address("232.43.211.234");

inline ClientId client_id(std::uint8_t first) {
    ClientId id{};
    for (std::uint8_t& byte : id)
        byte = first++;
    return id;
}

inline constexpr char kClientIdHex[] = "000102030405060708090a0b0c0d0e0f1011121314151617";
inline constexpr char kSessionIdHex[] = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf";

// 0, 1, 2, ...; the first id of a client is kClientIdHex.
class Counting {
public:
    Random random() {
        return [this](totem::MutableBytes out) {
            for (std::uint8_t& byte : out)
                byte = next_++;
        };
    }

private:
    std::uint8_t next_ = 0;
};

}  // namespace tools::omping
