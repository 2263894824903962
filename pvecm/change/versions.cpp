#include "pvecm/change/versions.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "pvecm/cli/formats.hpp"
#include "pvecm/error.hpp"

namespace pvecm::change {
namespace {

// Of 3.x and of 2.x.
constexpr std::array kPrefixes = {"runtime.members.", "runtime.totem.pg.mrp.srp.members."};
constexpr std::string_view kSuffix = ".config_version";

void ignore(cmap_handle_t, cmap_track_handle_t, std::int32_t, const char*, cmap_notify_value, cmap_notify_value,
            void*) {}

}  // namespace

Versions::Versions() : cmap_(tools::open_cmap) {
    if (!cmap_.ok()) throw Error("corosync does not answer on this node: nobody can say who takes the change");
    for (const char* const prefix : kPrefixes) {
        cmap_track_handle_t track = 0;
        cmap_track_add(cmap_.get(), prefix, CMAP_TRACK_ADD | CMAP_TRACK_MODIFY | CMAP_TRACK_PREFIX, &ignore, nullptr,
                       &track);
    }
}

std::map<std::uint32_t, std::uint64_t> Versions::read() const {
    std::map<std::uint32_t, std::uint64_t> versions;
    for (const std::string prefix : kPrefixes) {
        for (const tools::Key& key : tools::list_keys(cmap_.get(), prefix).keys) {
            if (!key.name.ends_with(kSuffix)) continue;
            const auto id =
                parse_integer(key.name.substr(prefix.size(), key.name.size() - prefix.size() - kSuffix.size()));
            std::uint64_t version = 0;
            if (id && cmap_get_uint64(cmap_.get(), key.name.c_str(), &version) == CS_OK)
                versions[static_cast<std::uint32_t>(*id)] = version;
        }
    }
    return versions;
}

void Versions::await_change(Clock::time_point end) {
    int fd = -1;
    if (cmap_fd_get(cmap_.get(), &fd) != CS_OK) throw Error("corosync does not answer on this node any more");
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(std::max<long>(left, 0))) <= 0) return;
    if (cmap_dispatch(cmap_.get(), CS_DISPATCH_ALL) != CS_OK)
        throw Error("corosync does not answer on this node any more");
}

}  // namespace pvecm::change
