#include "tools/quorumtool/engine.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "tools/common/program.hpp"
#include "tools/common/stop_signal.hpp"

namespace tools::quorumtool {
namespace {

// What the callbacks were last told. The libraries' callbacks carry no pointer of ours at this point, and a program
// has one connection.
struct Told {
    bool view_seen = false, ring_seen = false;
    std::vector<std::uint32_t> nodes;
    std::uint64_t ring_seq = 0;
    votequorum_ring_id_t ring{};
};
Told told;

void on_quorum(quorum_handle_t, std::uint32_t, std::uint64_t seq, std::uint32_t count, std::uint32_t* nodes) {
    told.view_seen = true;
    told.ring_seq = seq;
    told.nodes.assign(nodes, nodes + count);
}

void on_nodes(votequorum_handle_t, std::uint64_t, votequorum_ring_id_t ring, std::uint32_t, std::uint32_t*) {
    told.ring_seen = true;
    told.ring = ring;
}

bool complain(const std::string& text) {
    tools::complain(text);
    return false;
}

bool complain(const char* what, cs_error_t error) {
    return complain(fmt::format("{}: {}", what, cs_strerror(error)));
}

// The name of an address, or the address if it has none.
std::string looked_up(const corosync_cfg_node_address_t& address) {
    sockaddr_storage storage{};
    std::memcpy(&storage, address.address, sizeof address.address);
    const auto length =
        static_cast<socklen_t>(storage.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
    std::array<char, NI_MAXHOST> name{};
    if (::getnameinfo(reinterpret_cast<const sockaddr*>(&storage), length, name.data(), name.size(), nullptr, 0, 0) !=
        0) {
        return {};
    }
    return name.data();
}

}  // namespace

bool Engine::open() {
    cmap_ = std::make_unique<Cmap>(open_cmap);
    if (!cmap_->ok()) return complain("Cannot initialize CMAP service");
    quorum_ = std::make_unique<Quorum>([this](quorum_handle_t* handle) {
        static quorum_callbacks_t callbacks{on_quorum};
        return quorum_initialize(handle, &callbacks, &type_);
    });
    if (!quorum_->ok()) return complain("Cannot initialize QUORUM service");
    cfg_ = std::make_unique<Cfg>(open_cfg);
    if (!cfg_->ok()) return complain("Cannot initialise CFG service");
    provider_ = get_string(cmap_->get(), "quorum.provider").value_or("");
    dialect_2x_ = speaks_2x(cmap_->get());
    if (provider_ != "corosync_votequorum" || type_ == QUORUM_FREE) {
        const cs_error_t error = corosync_cfg_local_get(cfg_->get(), &own_);
        return error == CS_OK || complain("Unable to retrieve this_node_id");
    }
    votequorum_ = std::make_unique<Votequorum>([](votequorum_handle_t* handle) {
        static votequorum_callbacks_t callbacks{nullptr, nullptr, on_nodes};
        return votequorum_initialize(handle, &callbacks);
    });
    if (!votequorum_->ok()) return complain("Cannot initialise VOTEQUORUM service");
    const auto own = get_uint32(cmap_->get(), "runtime.votequorum.this_node_id");
    if (!own) return complain("Unable to retrieve this_node_id");
    own_ = *own;
    return true;
}

bool Engine::read_view() {
    told.view_seen = false;
    cs_error_t error = quorum_trackstart(quorum_->get(), CS_TRACK_CURRENT);
    if (error != CS_OK && error != CS_ERR_EXIST) return complain("Unable to start quorum status tracking", error);
    while (!told.view_seen) {
        error = quorum_dispatch(quorum_->get(), CS_DISPATCH_ONE);
        if (error != CS_OK) return complain("Unable to dispatch quorum status", error);
    }
    return true;
}

bool Engine::read_ring() {
    told.ring_seen = false;
    cs_error_t error = votequorum_trackstart(votequorum_->get(), 0, CS_TRACK_CURRENT);
    if (error != CS_OK && error != CS_ERR_EXIST) return complain("Unable to start votequorum status tracking", error);
    while (!told.ring_seen) {
        error = votequorum_dispatch(votequorum_->get(), CS_DISPATCH_ONE);
        if (error != CS_OK) return complain("Unable to dispatch votequorum status", error);
    }
    return true;
}

std::string Engine::configured_name(std::uint32_t nodeid, bool node_names) {
    cs_error_t error = CS_OK;
    for (const ListedNode& node : listed_nodes(cmap_->get(), error)) {
        if (node.nodeid != nodeid) continue;
        const auto value = [&](const char* key) {
            return get_string(cmap_->get(), fmt::format("nodelist.node.{}.{}", node.position, key)).value_or("");
        };
        const std::string name = dialect_2x_ && !node_names ? "" : value("name");
        return name.empty() && dialect_2x_ ? value("ring0_addr") : name;
    }
    return {};
}

std::string Engine::name_of(std::uint32_t nodeid, const Settings& settings) {
    std::vector<corosync_cfg_node_address_t> addresses;
    const cs_error_t error = node_addresses(cfg_->get(), nodeid, addresses);
    if (error != CS_OK) {
        complain(fmt::format("Unable to get node address for nodeid {}: {}", nodeid, cs_strerror(error)));
        return {};
    }
    std::string names = settings.addresses ? std::string() : configured_name(nodeid, settings.node_names);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        if (i > 0 && !settings.all_addresses) break;
        if (i == 0 && !names.empty()) continue;  // that name stands for the first address
        const std::string one = settings.addresses ? numeric(addresses[i]) : looked_up(addresses[i]);
        if (one.empty()) continue;
        names += (names.empty() ? "" : ", ") + one;
    }
    return names;
}

std::optional<Picture> Engine::picture(const Settings& settings) {
    Picture picture;
    picture.provider = provider_;
    picture.votequorum = uses_votequorum();
    picture.dialect_2x = dialect_2x_;
    picture.own = own_;
    int quorate = 0;
    cs_error_t error = quorum_getquorate(quorum_->get(), &quorate);
    if (error != CS_OK) return complain("Unable to get cluster quorate status", error), std::nullopt;
    picture.quorate = quorate != 0;
    if (!read_view() || (uses_votequorum() && !read_ring())) return std::nullopt;
    picture.ring_seq = told.ring_seq;
    picture.ring_node = told.ring.nodeid;
    if (uses_votequorum()) {
        picture.ring_seq = told.ring.seq;
        error = votequorum_getinfo(votequorum_->get(), own_, &picture.info);
        if (error != CS_OK) return complain("Unable to get node info", error), std::nullopt;
    }
    for (const std::uint32_t nodeid : told.nodes) {
        Row row;
        row.nodeid = nodeid;
        row.name = name_of(nodeid, settings);
        row.local = nodeid == own_;
        votequorum_info info{};
        if (uses_votequorum() && votequorum_getinfo(votequorum_->get(), nodeid, &info) == CS_OK) row.info = info;
        picture.rows.push_back(std::move(row));
    }
    if (settings.order == Order::nodeid) {
        std::stable_sort(picture.rows.begin(), picture.rows.end(),
                         [](const Row& a, const Row& b) { return a.nodeid < b.nodeid; });
    } else if (settings.order == Order::name) {
        std::stable_sort(picture.rows.begin(), picture.rows.end(),
                         [](const Row& a, const Row& b) { return a.name < b.name; });
    }
    return picture;
}

bool Engine::set_expected(std::uint32_t votes) {
    const cs_error_t error = votequorum_setexpected(votequorum_->get(), votes);
    return error == CS_OK || complain("Unable to set expected votes", error);
}

bool Engine::set_votes(std::uint32_t nodeid, std::uint32_t votes) {
    const cs_error_t error = votequorum_setvotes(votequorum_->get(), nodeid, votes);
    if (error == CS_OK) return true;
    return complain(fmt::format("Unable to set votes {} for nodeid: {}: {}", votes, nodeid, cs_strerror(error)));
}

bool Engine::unregister_device() {
    votequorum_info info{};
    cs_error_t error = votequorum_getinfo(votequorum_->get(), own_, &info);
    if (error != CS_OK) return complain("Unable to get quorum device info", error);
    if ((info.flags & VOTEQUORUM_INFO_QDEVICE_REGISTERED) == 0) return true;
    error = votequorum_qdevice_unregister(votequorum_->get(), info.qdevice_name);
    return error == CS_OK || complain("Unable to unregister quorum device", error);
}

bool Engine::monitor(const std::function<bool()>& show) {
    const StopSignal stop;
    // Changes are heard on a connection of their own, so that what show() reads does not take them away.
    std::uint32_t type = 0;
    const Quorum changes([&type](quorum_handle_t* handle) {
        static quorum_callbacks_t callbacks{
            [](quorum_handle_t, std::uint32_t, std::uint64_t, std::uint32_t, std::uint32_t*) {}};
        return quorum_initialize(handle, &callbacks, &type);
    });
    int fd = -1;
    cs_error_t error = changes.error;
    if (error == CS_OK) error = quorum_trackstart(changes.get(), CS_TRACK_CHANGES_ONLY);
    if (error == CS_OK) error = quorum_fd_get(changes.get(), &fd);
    if (error != CS_OK) return complain("Unable to start quorum status tracking", error);
    for (;;) {
        if (!show()) return false;
        std::array<pollfd, 2> waiting = {{{stop.fd(), POLLIN, 0}, {fd, POLLIN, 0}}};
        while (::poll(waiting.data(), waiting.size(), -1) < 0) {
            if (errno != EINTR) return complain(fmt::format("poll: {}", std::strerror(errno)));
        }
        if (waiting[0].revents != 0) return true;
        error = quorum_dispatch(changes.get(), CS_DISPATCH_ALL);
        if (error != CS_OK) return complain("Unable to dispatch quorum status", error);
    }
}

}  // namespace tools::quorumtool
