#include "pvecm/ssh/keys.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <sstream>
#include <string_view>

#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/process.hpp"

namespace pvecm::ssh {
namespace {

constexpr const char* kRsaBits = "2048";
constexpr const char* kCiphers =
    "Ciphers aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com,"
    "chacha20-poly1305@openssh.com\n";

void warn(const std::string& text) {
    fmt::print(stderr, "{}\n", text);
}

std::string shared(const Paths& paths) {
    return paths.pve("priv/authorized_keys");
}

std::string backup(const Paths& paths) {
    return paths.root_ssh("authorized_keys.org");
}

// The key itself of a line of authorized_keys: what follows its type. Empty if the line has none.
std::string key_body(const std::string& line) {
    std::istringstream stream(line);
    std::string before;
    for (std::string word; stream >> word; before = word) {
        if (word.front() == '#' && before.empty()) return {};
        const bool after_type = before.starts_with("ssh-") || before.starts_with("ecdsa-") || before.starts_with("sk-");
        if (after_type && word.starts_with("AAAA")) return word;
    }
    return {};
}

bool is_login_line(std::string_view line) {
    const auto begin = line.find_first_not_of(" \t#");
    return begin != std::string_view::npos && line.substr(begin).starts_with("PermitRootLogin");
}

}  // namespace

std::string with_root_login(const std::string& sshd_config) {
    const std::string wanted = "PermitRootLogin yes";
    std::istringstream stream(sshd_config);
    std::string result;
    bool replaced = false;
    for (std::string line; std::getline(stream, line);) {
        if (line == wanted) return sshd_config;
        if (!replaced && is_login_line(line)) {
            line = wanted;
            replaced = true;
        }
        result += line + "\n";
    }
    return replaced ? result : result + wanted + "\n";
}

void permit_root_login(const Context& context) {
    const std::string file = context.paths.system_ssh("sshd_config");
    const auto text = read_file(file);
    if (!text) return;  // no sshd
    const std::string changed = with_root_login(*text);
    if (changed == *text) return;
    write_file(file, changed);
    context.services().reload("sshd");
}

void make_root_key(const Paths& paths) {
    make_folder(paths.root_ssh("").substr(0, paths.root_ssh("").size() - 1), 0700);
    const std::string key = paths.root_ssh("id_rsa");
    if (!exists(key + ".pub")) {
        const Words command = {"ssh-keygen", "-q", "-t", "rsa", "-b", kRsaBits, "-N", "", "-f", key};
        must_run(command, "unable to generate ssh key");
    }
    if (!exists(paths.root_ssh("config"))) write_file(paths.root_ssh("config"), kCiphers, 0640);
}

void share_authorized_keys(const Paths& paths) {
    const std::string own = paths.root_ssh("authorized_keys"), target = shared(paths);
    make_folder(paths.pve("priv"), 0700);
    bool imported = false;
    if (!exists(target)) {
        if (const auto text = read_file(own)) {
            write_file(target, *text, 0600);
            imported = true;
        } else {
            write_file(target, "", 0600);
        }
    }
    if (!exists(target)) warn(fmt::format("can't create shared ssh key database '{}'", target));
    if (is_regular(own) && ::rename(own.c_str(), backup(paths).c_str()) != 0)
        warn(fmt::format("rename {} failed - {}", own, std::strerror(errno)));
    if (!make_link(target, own)) {
        warn(fmt::format("can't create symlink for ssh keys '{}' -> '{}'", own, target));
    } else if (imported) {
        remove_file(backup(paths));
    }
}

void merge_authorized_keys(const Paths& paths) {
    const auto old = read_file(backup(paths));
    const std::string before = read_file(shared(paths)).value_or("");
    std::string all = before;
    for (const std::string& more : {old.value_or(""), read_file(paths.root_ssh("id_rsa.pub")).value_or("")}) {
        if (!all.empty() && !all.ends_with('\n')) all += '\n';
        all += more;
    }
    const std::string merged = without_repeated_keys(all);
    if (merged != before) write_file(shared(paths), merged, 0600);
    if (old && is_link(paths.root_ssh("authorized_keys"))) remove_file(backup(paths));
}

std::string without_repeated_keys(const std::string& text) {
    std::set<std::string> seen;
    std::istringstream stream(text);
    std::string result;
    for (std::string line; std::getline(stream, line);) {
        const std::string body = key_body(line);
        if (body.empty() || seen.insert(body).second) result += line + "\n";
    }
    return result;
}

}  // namespace pvecm::ssh
