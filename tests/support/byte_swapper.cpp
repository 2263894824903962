#include "tests/support/byte_swapper.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace totem::test {

namespace {

// A layout is a string with one character for each field:
//   1 2 4 8  integer of that many bytes      a  address of one ring (2.x)
//   i        node identity                   r  ring id
class Swapper {
public:
    Swapper(Dialect dialect, Bytes packet) : dialect_(dialect), bytes_(packet.begin(), packet.end()) {}

    void fields(const std::string& layout, std::size_t times = 1) {
        while (times-- > 0) {
            for (const char field : layout)
                one(field);
        }
    }
    // The little-endian count in the four bytes at `offset` from the current position.
    std::size_t peek32(std::size_t offset) const {
        std::size_t value = 0;
        for (std::size_t i = 4; i-- > 0;)
            value = value * 256 + bytes_.at(position_ + offset + i);
        return value;
    }
    std::vector<std::uint8_t> take() { return std::move(bytes_); }

private:
    void one(char field) {
        const bool v2 = dialect_ == Dialect::v2;
        switch (field) {
            case 'a':
                integer(4);
                integer(2);
                position_ += 16;
                break;
            case 'i':
                v2 ? fields("1aa") : integer(4);
                break;
            case 'r':
                v2 ? fields("a8") : fields("48");
                break;
            default:
                integer(static_cast<std::size_t>(field - '0'));
        }
    }
    void integer(std::size_t size) {
        if (position_ + size > bytes_.size()) throw std::out_of_range("packet shorter than its layout");
        const auto first = bytes_.begin() + static_cast<std::ptrdiff_t>(position_);
        std::reverse(first, first + static_cast<std::ptrdiff_t>(size));
        position_ += size;
    }

    Dialect dialect_;
    std::vector<std::uint8_t> bytes_;
    std::size_t position_ = 0;
};

}  // namespace

std::vector<std::uint8_t> big_endian_image(Dialect dialect, Bytes packet) {
    const bool v2 = dialect == Dialect::v2;
    const std::uint8_t type = v2 ? packet[0] : packet[3];
    Swapper swapper(dialect, packet);
    swapper.fields(v2 ? "1124" : "211144");
    switch (type) {
        case 0: {
            const std::size_t requests = swapper.peek32(v2 ? 70 - 8 - 4 : 57 - 13 - 4);
            swapper.fields("4444r4444");
            swapper.fields("r4", requests);
            break;
        }
        case 1:
            swapper.fields("i44r44");
            break;
        case 2:
            swapper.fields("ir");
            break;
        case 3: {
            const std::size_t identity = v2 ? 45 : 4;
            const std::size_t nodes = swapper.peek32(identity) + swapper.peek32(identity + 4);
            swapper.fields("i448");
            swapper.fields("i", nodes);
            break;
        }
        case 4: {
            const std::size_t members = swapper.peek32(v2 ? 54 - 8 - 4 : 41 - 13 - 4);
            swapper.fields("4r444");
            swapper.fields("i", members);
            swapper.fields("r444", members);
            break;
        }
        case 5:
            swapper.fields("r");
            break;
        default:  // ring test: its ring number stood where other types have the node id
            swapper.fields("4");
    }
    return swapper.take();
}

}  // namespace totem::test
