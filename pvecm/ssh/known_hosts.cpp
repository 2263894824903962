#include "pvecm/ssh/known_hosts.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <sstream>
#include <utility>

#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"

namespace pvecm::ssh {
namespace {

constexpr std::size_t kSha1Size = 20;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string decoded(const std::string& base64) {
    std::string bytes(base64.size(), '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(base64.data()), static_cast<int>(base64.size()));
    if (size < 0) return {};
    bytes.resize(static_cast<std::size_t>(size));
    // It counts what pads the last group.
    for (auto last = base64.rbegin(); last != base64.rend() && *last == '=' && !bytes.empty(); ++last)
        bytes.pop_back();
    return bytes;
}

// Is it the hashed form "|1|SALT|DIGEST" of that name?
bool hashes(const std::string& host, const std::string& name) {
    const auto second = host.find('|', 3);
    if (!host.starts_with("|1|") || second == std::string::npos) return false;
    const std::string salt = decoded(host.substr(3, second - 3)), digest = decoded(host.substr(second + 1));
    std::array<unsigned char, EVP_MAX_MD_SIZE> own{};
    unsigned size = 0;
    HMAC(EVP_sha1(), salt.data(), static_cast<int>(salt.size()), reinterpret_cast<const unsigned char*>(name.data()),
         name.size(), own.data(), &size);
    return size == kSha1Size && digest == std::string(own.begin(), own.begin() + size);
}

bool means(const std::string& host, const std::string& name) {
    return lower(host) == name || hashes(host, name);
}

std::string type_of(const std::string& key) {
    return key.substr(0, key.find(' '));
}

// "ssh-rsa AAAA..." of this host.
std::string host_key(const Paths& paths) {
    const std::string file = paths.system_ssh("ssh_host_rsa_key.pub");
    const auto text = read_file(file);
    if (!text)
        throw Error(
            fmt::format("can't parse {}: there is no such file - 'ssh-keygen -A' makes the keys of this host", file));
    std::istringstream words(*text);
    std::string type, body;
    words >> type >> body;
    if (type != "ssh-rsa" || body.empty()) throw Error(fmt::format("can't parse {}: it has no ssh-rsa key", file));
    return type + " " + body;
}

}  // namespace

std::string merged_known_hosts(const std::string& lines, const HostIdentity& own) {
    std::set<std::pair<std::string, std::string>> seen;
    bool name_found = false, address_found = false;
    std::istringstream stream(lines);
    std::string result;
    for (std::string line; std::getline(stream, line);) {
        std::istringstream words(line);
        std::string host, type, body;
        words >> host >> type >> body;
        if (host.empty() || host.front() == '#' || !seen.emplace(host, type).second) continue;
        const bool is_name = means(host, own.name), is_address = means(host, own.address);
        if (is_name || is_address) {
            const bool same = fmt::format("{} {}", type, body) == own.key;
            if (!same && type == type_of(own.key)) continue;  // of this host before it was installed anew
            name_found = name_found || (is_name && same);
            address_found = address_found || (is_address && same);
        }
        result += line + "\n";
    }
    if (!name_found) result += fmt::format("{} {}\n", own.name, own.key);
    if (!address_found) result += fmt::format("{} {}\n", own.address, own.key);
    return result;
}

void require_host_key(const Paths& paths) {
    host_key(paths);
}

void merge_known_hosts(const Paths& paths, const std::string& node, const std::string& address) {
    const std::string shared = paths.pve("priv/known_hosts"), system = paths.system_ssh("ssh_known_hosts");
    const HostIdentity own{.name = lower(node), .address = lower(address), .key = host_key(paths)};
    const std::string before = read_file(shared).value_or("");
    std::string lines = before;
    if (is_regular(system)) lines += "\n" + read_file(system).value_or("");
    const std::string merged = merged_known_hosts(lines, own);
    if (merged != before) write_file(shared, merged, 0600);
    if (!make_link(shared, system))
        fmt::print(stderr, "can't create symlink for ssh known hosts '{}' -> '{}'\n", system, shared);
    const std::string line = fmt::format("{} {}\n", own.name, own.key),
                      file = paths.node_folder(node) + "/ssh_known_hosts";
    if (read_file(file) != line) write_file(file, line);
}

void unmerge_known_hosts(const Paths& paths) {
    const std::string system = paths.system_ssh("ssh_known_hosts");
    if (!is_link(system)) return;
    const std::string text = read_file(system).value_or("");
    remove_file(system);
    write_file(system, text);
}

}  // namespace pvecm::ssh
