#include "pvecm/certificates/node_files.hpp"

#include <fmt/format.h>

#include <sstream>

#include "pvecm/certificates/openssl.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/locks.hpp"

namespace pvecm::certificates {
namespace {

constexpr unsigned kKeyBits = 2048, kAuthorityBits = 4096;
constexpr int kDays = 3650;
constexpr mode_t kPrivate = 0600, kPublic = 0640;

// The text is made only if the file is missing. Says if it was.
template <class Make>
bool make_file(const std::string& path, mode_t mode, const std::string& failure, Make make) {
    if (exists(path)) return false;
    try {
        write_file(path, make(), mode);
    } catch (const Error& error) {
        throw Error(fmt::format("{} {}", failure, error.what()));
    }
    return true;
}

std::string random_uuid() {
    std::string text = read_file("/proc/sys/kernel/random/uuid").value_or("");
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

// The domain of the resolver, if it has one.
std::string search_domain(const Paths& paths) {
    std::istringstream lines(read_file(paths.root + "/etc/resolv.conf").value_or(""));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string key, value;
        words >> key >> value;
        if ((key == "search" || key == "domain") && !value.empty() && value != ".") return value;
    }
    return {};
}

void make_ticket_key(const Paths& paths) {
    const std::string secret = paths.pve("priv/authkey.key"), open = paths.pve("authkey.pub");
    if (exists(secret)) return;
    const std::string key = make_rsa_key(kKeyBits);  // takes its time, in which nobody else need wait
    // Who finishes what was killed half-way finds its lock.
    const ClusterLock lock(paths, "authkey", false, kUntilLeftOverIsFreed);
    if (exists(secret)) return;
    write_file(open, public_key(key), kPublic);
    write_file(secret, key, kPrivate);
}

// Says if it is new.
bool make_authority_files(const Paths& paths) {
    const std::string key = paths.pve("priv/pve-root-ca.key"), certificate = paths.pve("pve-root-ca.pem");
    make_file(key, kPrivate, "unable to generate pve ca key:", [] { return make_rsa_key(kAuthorityBits); });
    return make_file(certificate, kPublic, "generating pve root certificate failed:", [&] {
        return make_authority(read_file(key).value_or(""), random_uuid(), kDays);
    });
}

long next_serial(const Paths& paths) {
    const std::string file = paths.pve("priv/pve-root-ca.srl");
    const std::string old = read_file(file).value_or("0000000000000000\n");
    unsigned long serial = 0;
    try {
        serial = std::stoul(old, nullptr, 16);
    } catch (const std::exception&) {
        throw Error(fmt::format("unable to read '{}'", file));
    }
    write_file(file, fmt::format("{:016X}\n", ++serial), kPrivate);
    return static_cast<long>(serial);
}

std::string make_certificate(const Paths& paths, const std::string& node, const std::string& address) {
    const std::string domain = search_domain(paths);
    const std::string full = domain.empty() ? node : node + "." + domain;
    std::string names = fmt::format("IP:127.0.0.1,IP:::1,DNS:localhost,IP:{},DNS:{}", address, node);
    if (full != node) names += ",DNS:" + full;
    const Authority authority{.key = read_file(paths.pve("priv/pve-root-ca.key")).value_or(""),
                              .certificate = read_file(paths.pve("pve-root-ca.pem")).value_or("")};
    return sign({.key = read_file(paths.node_folder(node) + "/pve-ssl.key").value_or(""),
                 .organization = "Proxmox Virtual Environment",
                 .unit = "PVE Cluster Node",
                 .common_name = full,
                 .names = names,
                 .serial = next_serial(paths),
                 .days = kDays},
                authority);
}

}  // namespace

void make_node_folders(const Paths& paths, const std::string& node) {
    const std::string folder = paths.node_folder(node);
    for (const std::string& each : {paths.pve("priv"), paths.pve("nodes"), folder, folder + "/lxc",
                                    folder + "/qemu-server", folder + "/openvz", folder + "/priv"})
        make_folder(each);
}

void make_node_files(const Paths& paths, const std::string& node, const std::string& address, bool force) {
    make_node_folders(paths, node);
    make_ticket_key(paths);
    make_file(paths.pve("pve-www.key"), kPublic,
              "unable to generate pve www key:", [] { return make_rsa_key(kKeyBits); });
    const std::string folder = paths.node_folder(node);
    make_file(folder + "/pve-ssl.key", kPublic, fmt::format("unable to generate pve ssl key for node '{}':", node),
              [] { return make_rsa_key(kKeyBits); });
    const bool new_authority = make_authority_files(paths);
    const std::string certificate = folder + "/pve-ssl.pem";
    if (!force && !new_authority && exists(certificate)) return;
    try {
        write_file(certificate, make_certificate(paths, node, address), kPublic);
    } catch (const Error& error) {
        throw Error(fmt::format("unable to generate pve ssl certificate: {}", error.what()));
    }
}

}  // namespace pvecm::certificates
