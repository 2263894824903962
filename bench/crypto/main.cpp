// What protecting a packet costs: each suite of totem/crypto, with the processor's vector instructions and without,
// against one that keeps nothing between packets. They take turns, batch by batch, so that what else the machine does
// hits all; the ratio of the medians is the result.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/crypto/per_packet.hpp"
#include "totem/crypto/native.hpp"

namespace {

using namespace totem;
using Buffer = std::vector<std::uint8_t>;
using Suites = std::unique_ptr<crypto::Suite>;

constexpr std::size_t kBatch = 64;

struct Kind {
    std::string name;
    // Both ends of ours, with vector instructions or without, and the one without memory.
    std::function<Suites(NodeId self, bool vectors)> ours;
    std::function<Suites()> plain;
};

std::vector<Kind> kinds() {
    static const Buffer key(128, 7);
    static const crypto::Secret secret = crypto::Secret::copy_of(key);
    std::vector<Kind> out;
    const auto legacy = [&](crypto::Cipher cipher, crypto::Hash hash, const char* cipher_name, const char* hash_name) {
        out.push_back({fmt::format("{}/{}", name_of(cipher), name_of(hash)),
                       [=](NodeId, bool vectors) {
                           return crypto::make_secauth_suite(cipher, hash, secret, {.multi_buffer = vectors});
                       },
                       [=] { return bench::per_packet_secauth(cipher_name, hash_name, key); }});
    };
    using crypto::Cipher, crypto::Hash;
    legacy(Cipher::none, Hash::sha256, nullptr, "SHA256");
    legacy(Cipher::aes128, Hash::sha1, "AES-128-CBC", "SHA1");
    legacy(Cipher::aes256, Hash::sha1, "AES-256-CBC", "SHA1");
    legacy(Cipher::aes256, Hash::sha256, "AES-256-CBC", "SHA256");
    legacy(Cipher::aes256, Hash::sha512, "AES-256-CBC", "SHA512");
    legacy(Cipher::des3, Hash::md5, "DES-EDE3-CBC", "MD5");
    for (const crypto::Aead aead : {crypto::Aead::xchacha20, crypto::Aead::aes256_gcm}) {
        out.push_back({std::string(name_of(aead)),
                       [=](NodeId self, bool vectors) {
                           auto keys = std::make_shared<crypto::KeyRing>("lab", 0, key);
                           keys->set_senders({1, 2});
                           return crypto::make_native_suite(
                               aead, {.self = self, .ring = 0, .session = 100, .vectors = vectors}, keys);
                       },
                       [=] { return bench::per_packet_native(aead, key); }});
    }
    return out;
}

class Failure : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A batch of packets of one size between two suites.
class Line {
public:
    Line(Suites from, Suites to, std::size_t size)
        : from_(std::move(from)),
          to_(std::move(to)),
          message_(size, 0x5A),
          datagrams_(kBatch, Buffer(from_->sealed_size(size))) {}
    // Nanoseconds a packet; as many together as the suite likes.
    double seal() {
        std::vector<crypto::Suite::Sealing> work;
        for (Buffer& datagram : datagrams_)
            work.push_back({message_, datagram});
        const double cost = timed([&] { from_->seal_all(work); });
        check(work, [](const auto& packet) { return packet.size == packet.out.size(); });
        return cost;
    }
    double open() {
        std::vector<crypto::Suite::Opening> work;
        for (Buffer& datagram : datagrams_)
            work.push_back({datagram});
        const double cost = timed([&] { to_->open_all(work); });
        check(work, [this](const auto& packet) {
            return packet.reject == crypto::Reject::none && packet.message.size() == message_.size();
        });
        return cost;
    }

private:
    template <typename Work>
    static double timed(Work work) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
        return spent.count() / kBatch;
    }
    template <typename Packets, typename Good>
    static void check(const Packets& packets, Good good) {
        if (!std::all_of(packets.begin(), packets.end(), good)) throw Failure("a packet was not sealed or not opened");
    }

    Suites from_, to_;
    Buffer message_;
    std::vector<Buffer> datagrams_;
};

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

struct Cost {
    std::vector<double> seal, open;
    void measure(Line& line) {
        seal.push_back(line.seal());
        open.push_back(line.open());
    }
};

nlohmann::json compare(const Kind& kind, std::size_t size, unsigned rounds) {
    // They speak the same: each opens what the other sealed.
    for (const bool vectors : {true, false}) {
        Line there(kind.ours(1, vectors), kind.plain(), size), back(kind.plain(), kind.ours(2, vectors), size);
        for (Line* line : {&there, &back}) {
            line->seal();
            line->open();
        }
    }
    Line ours(kind.ours(1, true), kind.ours(2, true), size), scalar(kind.ours(1, false), kind.ours(2, false), size),
        plain(kind.plain(), kind.plain(), size);
    Cost of_ours, of_scalar, of_plain;
    for (unsigned round = 0; round < rounds; ++round) {
        of_ours.measure(ours);
        of_scalar.measure(scalar);
        of_plain.measure(plain);
    }
    const auto result = [&](std::vector<double> Cost::*work) {
        const double mine = median(of_ours.*work), other = median(of_plain.*work);
        return nlohmann::json{{"ours_ns", mine},
                              {"without_vectors_ns", median(of_scalar.*work)},
                              {"per_packet_ns", other},
                              {"ratio", other / mine}};
    };
    return {{"suite", kind.name}, {"bytes", size}, {"seal", result(&Cost::seal)}, {"open", result(&Cost::open)}};
}

void print(const nlohmann::json& row) {
    const auto part = [&row](const char* what) {
        const auto& cost = row.at(what);
        return fmt::format("{:>8.0f} {:>8.0f} {:>8.0f} {:>6.2f}", cost.at("ours_ns").get<double>(),
                           cost.at("without_vectors_ns").get<double>(), cost.at("per_packet_ns").get<double>(),
                           cost.at("ratio").get<double>());
    };
    fmt::print("{:<14}{:>6}  {}   {}\n", row.at("suite").get<std::string>(), row.at("bytes").get<std::size_t>(),
               part("seal"), part("open"));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Cost of packet protection: our suites against ones that make their contexts anew for each packet."};
    unsigned rounds = 200;
    std::vector<std::size_t> sizes = {70, 1376};
    bool json = false;
    app.add_option("--rounds", rounds, "batches of 64 packets of each, in turns")->check(CLI::Range(1, 1000000));
    app.add_option("--sizes", sizes, "bytes of a message")->delimiter(',')->check(CLI::Range(0, 10000));
    app.add_flag("--json", json, "print JSON");
    CLI11_PARSE(app, argc, argv);
    try {
        nlohmann::json rows = nlohmann::json::array();
        if (!json) {
            fmt::print("{:<14}{:>6}  {:>8} {:>8} {:>8} {:>6}   {:>8} {:>8} {:>8} {:>6}\n", "suite", "bytes", "seal ns",
                       "scalar", "p.packet", "ratio", "open ns", "scalar", "p.packet", "ratio");
        }
        for (const Kind& kind : kinds()) {
            for (const std::size_t size : sizes) {
                rows.push_back(compare(kind, size, rounds));
                if (!json) print(rows.back());
            }
        }
        if (json) std::cout << rows.dump(2) << '\n';
    } catch (const std::exception& error) {
        std::cerr << "bench-crypto: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
