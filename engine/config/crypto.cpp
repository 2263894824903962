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

constexpr std::size_t kMinKeyBytes = 128;  // of a file; what it has beyond the most is not read

// What a key may be: in 2.x as many bytes of a file, and as few of a text as there are.
struct KeyRule {
    std::size_t most;
    bool exact;
};
constexpr KeyRule kRuleV2{kMinKeyBytes, true}, kRule{4096, false};

std::string key_file(const cmap::Map& map, Dialect dialect) {
    if (const auto configured = map.get_string("totem.keyfile")) return *configured;
    if (dialect == Dialect::v2) {
        const char* variable = std::getenv("COROSYNC_TOTEM_AUTHKEY_FILE");
        if (variable != nullptr && *variable != '\0') return variable;
    }
    return "/etc/corosync/authkey";
}

Secret key_from_file(const std::string& path, const KeyRule& rule, std::vector<std::string>& warnings) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) throw Error(fmt::format("Could not open {}: {}", path, std::strerror(errno)));
    Secret all(rule.most);
    std::size_t size = 0;
    while (size < all.size()) {
        const ssize_t got = ::read(file.get(), all.bytes().data() + size, all.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error(fmt::format("Could not read {}: {}", path, std::strerror(errno)));
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size < kMinKeyBytes) {
        throw Error(fmt::format("Could only read {} bits of {}{} bits from {}.", size * 8, rule.exact ? "" : "minimum ",
                                kMinKeyBytes * 8, path));
    }
    struct stat status {};
    if (::fstat(file.get(), &status) == 0 && (status.st_mode & 077) != 0) {
        warnings.push_back(fmt::format("{} can be read by others than its owner: chmod 0400 {}", path, path));
    }
    return Secret::copy_of(all.bytes().first(size));
}

// The text's NUL counts (section 3.2).
Secret key_from_text(const std::string& text, const KeyRule& rule) {
    const std::size_t size = text.size() + 1;
    if (size > rule.most) throw Error("key is too long");
    if (!rule.exact && size < kMinKeyBytes) throw Error("key is too short");
    Secret key(size);
    std::copy(text.begin(), text.end(), key.bytes().begin());
    return key;
}

Secret read_key(const cmap::Map& map, Dialect dialect, const KeyRule& rule, std::vector<std::string>& warnings) {
    if (!map.contains("totem.keyfile")) {
        if (const auto text = map.get_string("totem.key")) return key_from_text(*text, rule);
    }
    return key_from_file(key_file(map, dialect), rule, warnings);
}

Protection native_settings(const cmap::Map& map, totem::crypto::Aead aead) {
    if (map.get_string("totem.crypto_hash").value_or("none") != "none") {
        throw Error(
            fmt::format("crypto_cipher {} authenticates by itself: crypto_hash must be none or absent", name_of(aead)));
    }
    Protection out;
    out.native = aead;
    out.key_id = map.get_number<std::uint8_t>(kKeyId).value_or(0);
    const auto next_id = map.get_number<std::uint8_t>(kNextKeyId);
    if (next_id && !map.contains(kNextKeyFile)) throw Error("totem.next_key_id is set, but no totem.next_keyfile");
    out.next_key_id = next_id.value_or(static_cast<std::uint8_t>(out.key_id + 1));
    if (out.next_key_id == out.key_id) {
        throw Error(fmt::format("totem.next_key_id must differ from totem.key_id, which is {}", out.key_id));
    }
    return out;
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
    if (const auto aead = totem::crypto::find_aead(cipher)) return native_settings(map, *aead);
    for (const char* key : {kKeyId, kNextKeyFile, kNextKeyId}) {
        if (map.contains(key)) {
            throw Error(fmt::format("{} needs totem.crypto_cipher to be xchacha20 or aes256-gcm", key));
        }
    }
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

void read_keys(const cmap::Map& map, Dialect dialect, Protection& protection, std::vector<std::string>& warnings) {
    const KeyRule& rule = dialect == Dialect::v2 && !protection.native ? kRuleV2 : kRule;
    protection.key = std::make_shared<const Secret>(read_key(map, dialect, rule, warnings));
    const auto next = map.get_string(kNextKeyFile);
    if (!next) return;
    protection.next_key = std::make_shared<const Secret>(key_from_file(*next, rule, warnings));
    const auto one = protection.key->bytes(), other = protection.next_key->bytes();
    if (std::equal(one.begin(), one.end(), other.begin(), other.end())) {
        throw Error(fmt::format("{} holds the same key as the one in use", *next));
    }
}

}  // namespace engine::config
