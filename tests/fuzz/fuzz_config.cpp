// The input is a corosync.conf, read in the dialect it asks for and in the other one, and built for a
// node of a fixed machine.

#include <string>

#include "engine/config/build.hpp"
#include "engine/config/crypto.hpp"
#include "engine/config/logging.hpp"
#include "engine/config/reader.hpp"
#include "tests/fuzz/input.hpp"
#include "totem/wire/derivation.hpp"

using namespace engine;
using totem::Dialect;

namespace {

// 10.77.0.1 alias node1 alias fd00::1; knows the names node1 to node3.
class FixedHost final : public config::Host {
public:
    std::string name() const override { return "node1.example.org"; }
    std::vector<config::LocalAddress> addresses() const override {
        return {{address("127.0.0.1"), address("255.0.0.0")},
                {address("10.77.0.1"), address("255.255.255.0")},
                {address("fd00::1"), address("ffff:ffff:ffff:ffff::")}};
    }
    std::vector<totem::NodeAddress> resolve(const std::string& name, config::Family family) const override {
        std::vector<totem::NodeAddress> found;
        if (const auto number = totem::wire::parse_address(name)) found.push_back(*number);
        if (name == "node1") found = {address("10.77.0.1"), address("fd00::1")};
        if (name == "node2") found = {address("10.77.0.2")};
        if (name == "node3") found = {address("fd00::3")};
        std::erase_if(found, [family](const totem::NodeAddress& a) {
            return (family == config::Family::ipv4 && a.family != totem::NodeAddress::kIpv4) ||
                   (family == config::Family::ipv6 && a.family != totem::NodeAddress::kIpv6);
        });
        return found;
    }
    std::optional<std::string> reverse(const totem::NodeAddress& a) const override {
        return a.text() == "10.77.0.1" ? std::optional<std::string>("node1.example.org") : std::nullopt;
    }

private:
    static totem::NodeAddress address(const char* text) { return *totem::wire::parse_address(text); }
};

void check(const std::string& text, Dialect dialect) {
    cmap::Map map;
    std::vector<std::string> warnings;
    try {
        config::read_config({"/etc/corosync/corosync.conf", text, dialect}, map, warnings);
        (void)config::logging_settings(map, dialect, warnings);
        // With protection on, build() would read whatever file the input names.
        if (config::crypto_settings(map, dialect).enabled()) return;
        const config::ClusterConfig built = config::build(map, dialect, FixedHost(), warnings);
        FUZZ_CHECK(built.dialect == dialect);
    } catch (const config::Error& error) {
        FUZZ_CHECK(*error.what() != '\0');
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const Dialect dialect = config::choose_dialect(text).dialect;
    check(text, dialect);
    check(text, dialect == Dialect::v2 ? Dialect::v3 : Dialect::v2);
    return 0;
}
