// Writes seeds taken from the reference captures: DIRECTORY/wire, /suite and /config.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string>

#include "tests/support/any_packet.hpp"
#include "tests/support/byte_swapper.hpp"
#include "tests/support/captures.hpp"
#include "tests/support/hex.hpp"
#include "totem/crypto/suite.hpp"

using namespace totem;
using test::decode_any, test::header_of;
namespace fs = std::filesystem;

namespace {

// Long payloads only slow a fuzzer down.
constexpr std::size_t kLongest = 400;

void write(const fs::path& file, Bytes bytes) {
    fs::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) throw std::runtime_error("can't write " + file.string());
}

// What makes a packet worth a seed of its own: type, encapsulation and the length of its lists.
std::string shape(Dialect dialect, const test::AnyPacket& packet) {
    const wire::Header& header = header_of(packet);
    std::string out = dialect == Dialect::v2 ? "v2" : "v3";
    out += "-type" + std::to_string(static_cast<int>(header.type));
    if (header.encapsulated != 0) out += "-encapsulated" + std::to_string(header.encapsulated);
    if (const auto* token = std::get_if<wire::Token>(&packet)) out += "-rtr" + std::to_string(token->rtr_count);
    if (const auto* join = std::get_if<wire::Join>(&packet)) {
        out += "-proc" + std::to_string(join->proc_list.size()) + "-failed" + std::to_string(join->failed_list.size());
        if (join->is_leave()) out += "-leave";
    }
    if (const auto* commit = std::get_if<wire::CommitToken>(&packet)) {
        out += "-members" + std::to_string(commit->members.size()) + "-index" + std::to_string(commit->memb_index);
    }
    return out;
}

void extract(const test::Capture& capture, const fs::path& directory, std::set<std::string>& seen) {
    const wire::Codec codec(capture.dialect);
    for (test::Datagram& datagram : capture.datagrams()) {
        Bytes message;
        test::AnyPacket packet;
        if (crypto::make_plain_suite(capture.dialect)->open(datagram.payload, message) != crypto::Reject::none ||
            decode_any(codec, message, packet) != wire::Drop::none) {
            throw std::runtime_error(capture.name + ": unexpected packet");
        }
        const std::string name = shape(capture.dialect, packet);
        if (message.size() > kLongest || !seen.insert(name).second) continue;
        write(directory / "wire" / name, message);
        write(directory / "wire" / (name + "-big"), test::big_endian_image(capture.dialect, message));
        write(directory / "suite" / name, datagram.payload);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: make_corpus DIRECTORY\n";
        return EXIT_FAILURE;
    }
    try {
        const fs::path directory = argv[1];
        std::set<std::string> seen;
        for (const test::Capture& capture : test::plain_captures())
            extract(capture, directory, seen);
        for (const auto& entry : fs::directory_iterator(test::data_directory() / "captures")) {
            if (entry.path().extension() != ".conf") continue;
            fs::create_directories(directory / "config");
            fs::copy_file(entry.path(), directory / "config" / entry.path().filename(),
                          fs::copy_options::overwrite_existing);
        }
        std::cout << seen.size() << " shapes\n";
    } catch (const std::exception& error) {
        std::cerr << "make_corpus: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
