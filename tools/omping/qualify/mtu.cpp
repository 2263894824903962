#include "tools/omping/qualify/mtu.hpp"

#include <set>

namespace tools::omping::qualify {

void SizeSearch::result(bool passed) {
    if (passed) {
        low_ = try_;
        passed_ = try_;
    } else {
        high_ = try_ - 1;
    }
    try_ = low_ + (high_ - low_ + 1) / 2;
}

unsigned header_size(bool ipv6) {
    return (ipv6 ? 40 : 20) + 8;
}

std::vector<unsigned> ladder_sizes(unsigned netmtu, bool ipv6) {
    std::set<unsigned> sizes = {1400, 1472, 1473, 4000, 8972, 9000};
    sizes.insert(netmtu - header_size(ipv6));
    return {sizes.begin(), sizes.end()};
}

}  // namespace tools::omping::qualify
