#include "engine/config/dialect.hpp"

#include <algorithm>
#include <array>

#include "engine/config/error.hpp"
#include "engine/config/grammar.hpp"

namespace engine::config {
namespace {

using totem::Dialect;

template <std::size_t Count>
bool one_of(std::string_view word, const std::array<std::string_view, Count>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// Keys of 3.x that 2.x does not have.
bool is_of_3x(std::string_view path, std::string_view key, std::string_view value) {
    constexpr std::array<std::string_view, 3> kTotem = {"link_mode", "crypto_model", "token_warning"};
    if (path == "system" || path == "nozzle" || key.starts_with("knet_")) return true;
    if (path == "totem.interface") return key == "linknumber";
    return path == "totem" && (one_of(key, kTotem) || (key == "transport" && value == "knet"));
}

// Keys of 2.x that 3.x does not have or, with the transports both have, refuses.
bool is_of_2x(std::string_view path, std::string_view key, std::string_view value) {
    constexpr std::array<std::string_view, 4> kCiphers = {"aes256", "aes192", "aes128", "3des"};
    constexpr std::array<std::string_view, 5> kHashes = {"md5", "sha1", "sha256", "sha384", "sha512"};
    if (path == "totem.interface") return key == "ringnumber";
    if (path == "nodelist.node") return key == "ring1_addr";
    if (path != "totem") return path == "qb";
    if (key == "secauth") return value == "on";
    if (key == "crypto_cipher") return one_of(value, kCiphers);
    if (key == "crypto_hash") return one_of(value, kHashes);
    return key.starts_with("rrp_") || key == "vsftype" || (key == "transport" && value == "iba");
}

class Evidence final : public Handler {
public:
    void section_start(const std::string&, const std::string&) override {}
    void section_end(const std::string&) override {}
    void item(const std::string& path, const std::string& key, const std::string& value) override {
        if (path == "totem" && key == "dialect") said_ = value;
        if (path == "totem" && key == "transport") transport_ = value;
        const auto note = [&](std::string& first) {
            if (first.empty()) first = path + "." + key;
        };
        if (is_of_3x(path, key, value)) note(of_3x_);
        if (is_of_2x(path, key, value)) note(of_2x_);
    }

    DialectChoice choice() const {
        if (said_ == "2.x") return {.dialect = Dialect::v2};
        if (!said_.empty() && said_ != "auto") return {};
        // corosync 3.x still takes files with leftovers of 2.x.
        if (!of_3x_.empty()) return {.because = of_3x_};
        if (!of_2x_.empty()) return {.dialect = Dialect::v2, .because = of_2x_};
        return {.open = transport_ == "udp" || transport_ == "udpu"};
    }

private:
    std::string said_, transport_, of_3x_, of_2x_;
};

}  // namespace

DialectChoice choose_dialect(std::string_view text) {
    Evidence evidence;
    std::vector<std::string> ignored;
    try {
        parse(text, {}, Dialect::v2, evidence, ignored);
    } catch (const Error&) {
        // The reader proper will report it, in the dialect found so far.
    }
    return evidence.choice();
}

}  // namespace engine::config
