// What protecting a packet costs: each suite of totem/crypto against one that keeps nothing between packets. The two
// take turns, batch by batch, so that what else the machine does hits both; the ratio of the medians is the result.
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
    std::function<Suites()> ours_from, ours_to, plain;  // the sender's, the receiver's, and the one without memory
};

std::vector<Kind> kinds() {
    static const Buffer key(128, 7);
    static const crypto::Secret secret = crypto::Secret::copy_of(key);
    std::vector<Kind> out;
    const auto legacy = [&](crypto::Cipher cipher, crypto::Hash hash, const char* cipher_name, const char* hash_name) {
        const auto ours = [=] { return crypto::make_secauth_suite(cipher, hash, secret); };
        out.push_back({fmt::format("{}/{}", name_of(cipher), name_of(hash)), ours, ours,
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
        const auto node = [=](NodeId self) {
            return [=] {
                auto keys = std::make_shared<crypto::KeyRing>("lab", 0, key);
                keys->set_senders({1, 2});
                return crypto::make_native_suite(aead, {.self = self, .ring = 0, .session = 100}, keys);
            };
        };
        out.push_back(
            {std::string(name_of(aead)), node(1), node(2), [=] { return bench::per_packet_native(aead, key); }});
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
        : from_(std::move(from)), to_(std::move(to)), message_(size, 0x5A), sizes_(kBatch) {
        for (std::size_t i = 0; i < kBatch; ++i)
            datagrams_.emplace_back(size + from_->overhead());
    }
    // Nanoseconds a packet.
    double seal() {
        return timed([this](std::size_t i) { return (sizes_[i] = from_->seal(message_, datagrams_[i])) != 0; });
    }
    double open() {
        return timed([this](std::size_t i) {
            Bytes message;
            return to_->open(MutableBytes(datagrams_[i]).first(sizes_[i]), message) == crypto::Reject::none &&
                   message.size() == message_.size();
        });
    }

private:
    template <typename Work>
    double timed(Work work) {
        const auto begin = std::chrono::steady_clock::now();
        bool fine = true;
        for (std::size_t i = 0; i < kBatch; ++i)
            fine = work(i) && fine;
        const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
        if (!fine) throw Failure("a packet was not sealed or not opened");
        return spent.count() / kBatch;
    }

    Suites from_, to_;
    Buffer message_;
    std::vector<Buffer> datagrams_;
    std::vector<std::size_t> sizes_;
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
    for (auto [from, to] : {std::pair(&kind.ours_from, &kind.plain), std::pair(&kind.plain, &kind.ours_to)}) {
        Line line((*from)(), (*to)(), size);
        line.seal();
        line.open();
    }
    Line ours(kind.ours_from(), kind.ours_to(), size), plain(kind.plain(), kind.plain(), size);
    Cost of_ours, of_plain;
    for (unsigned round = 0; round < rounds; ++round) {
        of_ours.measure(ours);
        of_plain.measure(plain);
    }
    const auto result = [](const std::vector<double>& mine, const std::vector<double>& other) {
        return nlohmann::json{
            {"ours_ns", median(mine)}, {"per_packet_ns", median(other)}, {"ratio", median(other) / median(mine)}};
    };
    return {{"suite", kind.name},
            {"bytes", size},
            {"seal", result(of_ours.seal, of_plain.seal)},
            {"open", result(of_ours.open, of_plain.open)}};
}

void print(const nlohmann::json& row) {
    const auto part = [&row](const char* what) {
        const auto& cost = row.at(what);
        return fmt::format("{:>8.0f} {:>8.0f} {:>6.2f}", cost.at("ours_ns").get<double>(),
                           cost.at("per_packet_ns").get<double>(), cost.at("ratio").get<double>());
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
            fmt::print("{:<14}{:>6}  {:>8} {:>8} {:>6}   {:>8} {:>8} {:>6}\n", "suite", "bytes", "seal ns", "p.packet",
                       "ratio", "open ns", "p.packet", "ratio");
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
