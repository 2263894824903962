#include "engine/config/crypto.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace engine::config {
namespace {

using totem::Dialect;

constexpr std::size_t kMinKeyBytes = 128;     // 2.x: exactly this many
constexpr std::size_t kMaxKeyBytesV3 = 4096;  // what a file has beyond is not read

std::string key_file(const cmap::Map& map, Dialect dialect) {
    if (const auto configured = map.get_string("totem.keyfile")) return *configured;
    if (dialect == Dialect::v2) {
        const char* variable = std::getenv("COROSYNC_TOTEM_AUTHKEY_FILE");
        if (variable != nullptr && *variable != '\0') return variable;
    }
    return "/etc/corosync/authkey";
}

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

std::vector<std::uint8_t> key_from_file(const std::string& path, Dialect dialect) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) throw Error(fmt::format("Could not open {}: {}", path, std::strerror(errno)));
    std::vector<std::uint8_t> key(dialect == Dialect::v3 ? kMaxKeyBytesV3 : kMinKeyBytes);
    std::size_t size = 0;
    while (size < key.size()) {
        const ssize_t got = ::read(file.get(), key.data() + size, key.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error(fmt::format("Could not read {}: {}", path, std::strerror(errno)));
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size < kMinKeyBytes) {
        throw Error(fmt::format("Could only read {} bits of {}{} bits from {}.", size * 8,
                                dialect == Dialect::v3 ? "minimum " : "", kMinKeyBytes * 8, path));
    }
    key.resize(size);
    return key;
}

// The text's NUL counts (section 3.2). 2.x pads with zero bytes.
std::vector<std::uint8_t> key_from_text(const std::string& text, Dialect dialect) {
    std::vector<std::uint8_t> key(text.begin(), text.end());
    key.push_back(0);
    if (key.size() > (dialect == Dialect::v3 ? kMaxKeyBytesV3 : kMinKeyBytes)) throw Error("key is too long");
    if (dialect == Dialect::v3 && key.size() < kMinKeyBytes) throw Error("key is too short");
    if (key.size() < kMinKeyBytes) key.resize(kMinKeyBytes);
    return key;
}

}  // namespace

Crypto crypto_settings(const cmap::Map& map, Dialect dialect) {
    const auto secauth = map.get_string("totem.secauth");
    Crypto crypto;
    // Absent means on in 2.x and off in 3.x; so does any spelling but the other one.
    const bool on = dialect == Dialect::v2 ? secauth != "off" : secauth == "on";
    if (on) crypto = {"aes256", dialect == Dialect::v2 ? "sha1" : "sha256"};
    crypto.cipher = map.get_string("totem.crypto_cipher").value_or(crypto.cipher);
    crypto.hash = map.get_string("totem.crypto_hash").value_or(crypto.hash);
    if (crypto.cipher != "none" && crypto.hash == "none") {
        throw Error("crypto_cipher requires crypto_hash with value other than none");
    }
    return crypto;
}

std::vector<std::uint8_t> read_key(const cmap::Map& map, Dialect dialect) {
    if (!map.contains("totem.keyfile")) {
        if (const auto text = map.get_string("totem.key")) return key_from_text(*text, dialect);
    }
    return key_from_file(key_file(map, dialect), dialect);
}

}  // namespace engine::config
