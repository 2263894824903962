#include "tests/support/captures.hpp"

#include <algorithm>
#include <stdexcept>

namespace totem::test {

namespace {

Capture describe(const std::filesystem::path& path) {
    Capture out;
    out.name = path.stem();
    const std::size_t dash = out.name.rfind('-');
    out.config = out.name.substr(0, dash);
    out.scenario = out.name.substr(dash + 1);
    out.dialect = out.name.starts_with("2x-") ? Dialect::v2 : Dialect::v3;
    out.encrypted = out.config.ends_with("-secauth");
    out.path = path;
    return out;
}

}  // namespace

std::filesystem::path data_directory() {
    return TOTEM_TEST_DATA;
}

std::vector<Capture> captures() {
    std::vector<Capture> out;
    for (const auto& entry : std::filesystem::directory_iterator(data_directory() / "captures")) {
        if (entry.path().extension() == ".pcap") out.push_back(describe(entry.path()));
    }
    if (out.empty()) throw std::runtime_error("no captures in " + data_directory().string());
    std::sort(out.begin(), out.end(), [](const Capture& a, const Capture& b) { return a.name < b.name; });
    return out;
}

std::vector<Capture> plain_captures() {
    std::vector<Capture> out = captures();
    std::erase_if(out, [](const Capture& c) { return c.encrypted; });
    return out;
}

Capture capture(const std::string& name) {
    for (Capture& candidate : captures()) {
        if (candidate.name == name) return candidate;
    }
    throw std::runtime_error("no capture " + name);
}

}  // namespace totem::test
