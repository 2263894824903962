// The input is one datagram, opened by the suites without cipher and hash. What is accepted must seal
// to the same datagram.

#include <algorithm>
#include <vector>

#include "tests/fuzz/input.hpp"
#include "totem/crypto/suite.hpp"

using namespace totem;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const Dialect dialect : {Dialect::v2, Dialect::v3}) {
        FUZZ_CHECK(!crypto::guess_sender(dialect, {data, size}).empty());
        const auto suite = crypto::make_plain_suite(dialect);
        std::vector<std::uint8_t> datagram(data, data + size), sealed(size);
        Bytes message;
        if (suite->open(datagram, message) != crypto::Reject::none) continue;
        FUZZ_CHECK(message.size() + suite->overhead() == size);
        FUZZ_CHECK(suite->seal(message, sealed) == size);
        FUZZ_CHECK(std::equal(sealed.begin(), sealed.end(), data));
        if (size > 0) {
            sealed.pop_back();
            FUZZ_CHECK(suite->seal(message, sealed) == 0);
        }
    }
    return 0;
}
