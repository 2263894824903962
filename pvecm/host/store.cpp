#include "pvecm/host/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <qb/qbipcc.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "cfs/ipc/answers.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"

namespace pvecm {
namespace {

using cfs::ipc::RequestHeader;
using cfs::ipc::ResponseHeader;

constexpr std::size_t kLargest = std::size_t{8192} * 128;
constexpr int kPatience = 20'000;  // milliseconds
constexpr char kNotice = 5;

std::string ask(cfs::ipc::RequestId id, const std::string& body = {}) {
    const auto failed = [id](int error) {
        return Error(fmt::format("ipcc_send_rec[{}] failed: {}", static_cast<int>(id), std::strerror(error)), error);
    };
    const std::unique_ptr<qb_ipcc_connection_t, decltype(&qb_ipcc_disconnect)> connection(
        qb_ipcc_connect("pve2", kLargest), &qb_ipcc_disconnect);
    if (!connection) throw failed(errno);
    const RequestHeader header{.id = id, .size = static_cast<std::int32_t>(sizeof(RequestHeader) + body.size())};
    std::string request(sizeof header, '\0');
    std::memcpy(request.data(), &header, sizeof header);
    request += body;
    const ssize_t sent = qb_ipcc_send(connection.get(), request.data(), request.size());
    if (sent < 0) throw failed(static_cast<int>(-sent));
    std::vector<char> buffer(kLargest);
    const ssize_t size = qb_ipcc_recv(connection.get(), buffer.data(), buffer.size(), kPatience);
    if (size < 0) throw failed(static_cast<int>(-size));
    ResponseHeader response;
    if (static_cast<std::size_t>(size) < sizeof response) throw failed(EBADMSG);
    std::memcpy(&response, buffer.data(), sizeof response);
    if (response.error != 0) throw failed(-response.error);
    return {buffer.data() + sizeof response, buffer.data() + size};
}

}  // namespace

ClusterInfo parse_cluster_info(const std::string& text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) throw Error("unable to read the cluster info of the store");
    ClusterInfo info;
    info.node = json.value("nodename", "");
    if (!json.contains("cluster")) return info;
    info.in_cluster = true;
    info.quorate = json["cluster"].value("quorate", 0) != 0;
    const auto list = json.value("nodelist", nlohmann::json::object());
    for (const auto& [name, node] : list.items()) {
        info.members[name] = {
            .id = node.value("id", 0U), .online = node.value("online", 0) != 0, .address = node.value("ip", "")};
    }
    return info;
}

ClusterInfo StoreClient::cluster_info() {
    return parse_cluster_info(ask(cfs::ipc::kGetMembers));
}

std::string StoreClient::version() {
    return ask(cfs::ipc::kGetVersion);
}

std::string StoreClient::guests() {
    return ask(cfs::ipc::kGetGuests);
}

void StoreClient::log(const std::string& text) {
    const std::string ident = "root@pam", tag = "cluster";
    const std::string lengths{kNotice, static_cast<char>(ident.size() + 1), static_cast<char>(tag.size() + 1)};
    ask(cfs::ipc::kLog, lengths + ident + '\0' + tag + '\0' + text + '\0');
}

bool store_mounted(const Paths& paths) {
    return is_link(paths.pve("local"));
}

bool quorate(const Paths& paths) {
    struct stat status {};
    return ::lstat(paths.pve("local").c_str(), &status) == 0 && (status.st_mode & S_IWUSR) != 0;
}

bool in_step(const Paths& paths) {
    if (!quorate(paths)) return false;
    return !exists(paths.cluster_conf()) || ::utimensat(AT_FDCWD, paths.cluster_conf().c_str(), nullptr, 0) == 0;
}

void require_quorum(const Paths& paths) {
    if (!quorate(paths)) throw Error("cluster not ready - no quorum?");
}

}  // namespace pvecm
