#include "engine/config/crypto.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "engine/base/file_descriptor.hpp"

namespace engine::config {
namespace {

using totem::Dialect;
using totem::crypto::Secret;

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

Secret key_from_file(const std::string& path, Dialect dialect, std::vector<std::string>& warnings) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) throw Error(fmt::format("Could not open {}: {}", path, std::strerror(errno)));
    Secret all(dialect == Dialect::v3 ? kMaxKeyBytesV3 : kMinKeyBytes);
    std::size_t size = 0;
    while (size < all.size()) {
        const ssize_t got = ::read(file.get(), all.bytes().data() + size, all.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error(fmt::format("Could not read {}: {}", path, std::strerror(errno)));
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size < kMinKeyBytes) {
        throw Error(fmt::format("Could only read {} bits of {}{} bits from {}.", size * 8,
                                dialect == Dialect::v3 ? "minimum " : "", kMinKeyBytes * 8, path));
    }
    struct stat status {};
    if (::fstat(file.get(), &status) == 0 && (status.st_mode & 077) != 0) {
        warnings.push_back(fmt::format("{} can be read by others than its owner: chmod 0400 {}", path, path));
    }
    return Secret::copy_of(all.bytes().first(size));
}

// The text's NUL counts (section 3.2).
Secret key_from_text(const std::string& text, Dialect dialect) {
    const std::size_t size = text.size() + 1;
    if (size > (dialect == Dialect::v3 ? kMaxKeyBytesV3 : kMinKeyBytes)) throw Error("key is too long");
    if (dialect == Dialect::v3 && size < kMinKeyBytes) throw Error("key is too short");
    Secret key(size);
    std::copy(text.begin(), text.end(), key.bytes().begin());
    return key;
}

}  // namespace

Protection crypto_settings(const cmap::Map& map, Dialect dialect) {
    const auto secauth = map.get_string("totem.secauth");
    std::string cipher = "none", hash = "none";
    // Absent means on in 2.x and off in 3.x; so does any spelling but the other one.
    const bool on = dialect == Dialect::v2 ? secauth != "off" : secauth == "on";
    if (on) {
        cipher = "aes256";
        hash = dialect == Dialect::v2 ? "sha1" : "sha256";
    }
    cipher = map.get_string("totem.crypto_cipher").value_or(cipher);
    hash = map.get_string("totem.crypto_hash").value_or(hash);
    if (cipher != "none" && hash == "none") {
        throw Error("crypto_cipher requires crypto_hash with value other than none");
    }
    const auto known_cipher = totem::crypto::find_cipher(cipher);
    const auto known_hash = totem::crypto::find_hash(hash);
    if (!known_cipher) throw Error(fmt::format("totem.crypto_cipher {} is not known", cipher));
    if (!known_hash) throw Error(fmt::format("totem.crypto_hash {} is not known", hash));
    return {.cipher = *known_cipher, .hash = *known_hash};
}

Secret read_key(const cmap::Map& map, Dialect dialect, std::vector<std::string>& warnings) {
    if (!map.contains("totem.keyfile")) {
        if (const auto text = map.get_string("totem.key")) return key_from_text(*text, dialect);
    }
    return key_from_file(key_file(map, dialect), dialect, warnings);
}

}  // namespace engine::config
