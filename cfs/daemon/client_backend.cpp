#include "cfs/daemon/client_backend.hpp"

#include "cfs/cluster/clocks.hpp"
#include "cfs/ipc/guest_properties.hpp"

namespace cfs::daemon {

std::string ClientBackend::cluster_log_text(std::uint32_t most, std::string_view user) {
    return status_.with([&](replica::Status& status) { return status.cluster_log().json(most, user); });
}

int ClientBackend::set_status(const std::string& key, Bytes value) {
    return status_.with([&](replica::Status& status) { return status.set(others_, cluster::now(), key, value); });
}

std::optional<std::string> ClientBackend::status(std::string_view node, std::string_view key) {
    return status_.with([&](replica::Status& status) -> std::optional<std::string> {
        const auto* const value = status.get(node, key);
        if (value == nullptr) return std::nullopt;
        return std::string(value->bytes.begin(), value->bytes.end());
    });
}

std::optional<std::string> ClientBackend::file(std::string_view path) {
    std::optional<std::string> text;
    files_.look([&](const Tree& tree) {
        const Entry* const entry = tree.find(path);
        if (entry == nullptr || !entry->is_file()) return;
        const auto bytes = read(*entry, 0, entry->size);
        text.emplace(bytes.begin(), bytes.end());
    });
    return text;
}

void ClientBackend::log(const replica::ClusterLog::Text& text) {
    status_.with([&](replica::Status& status) { status.log(others_, cluster::now(), text); });
}

std::optional<std::string> ClientBackend::guest_properties(std::uint32_t guest,
                                                           std::span<const std::string_view> names) {
    std::optional<std::string> text;
    files_.look([&](const Tree& tree) { text = ipc::guest_properties(tree, guest, names); });
    return text;
}

}  // namespace cfs::daemon
