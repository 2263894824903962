#include "tools/cfgtool/rings.hpp"

#include <qb/qbipcc.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tools/cfgtool/failure.hpp"

namespace tools::cfgtool {
namespace {

// Client-ipc.md sections 8.1 and 8.2: a request without a body. No library of 3.x has it any more.
constexpr std::int32_t kReenableRequest = 1;
constexpr std::size_t kMaxMessage = 1048576;

}  // namespace

std::string rings_text(std::uint32_t local, const std::vector<Ring>& rings) {
    std::string text = fmt::format("Printing ring status.\nLocal node ID {}\n", local);
    for (const Ring& ring : rings)
        text += fmt::format("RING ID {}\n\tid\t= {}\n\tstatus\t= {}\n", ring.number, ring.id, ring.status);
    return text;
}

bool any_faulty(const std::vector<Ring>& rings) {
    return std::any_of(rings.begin(), rings.end(),
                       [](const Ring& ring) { return ring.status.find("FAULTY") != std::string::npos; });
}

int show_rings(const std::string& only, bool json) {
    const Cfg cfg(open_cfg);
    if (!cfg.ok()) return refuse(cfg);
    std::uint32_t local = 0;
    cs_error_t error = corosync_cfg_local_get(cfg.get(), &local);
    if (error != CS_OK) {
        return complain("Could not get the local node id, the error is: {}", static_cast<int>(error));
    }
    char** names = nullptr;
    char** states = nullptr;
    unsigned count = 0;
    error = corosync_cfg_ring_status_get(cfg.get(), &names, &states, &count);
    if (error != CS_OK) return complain("Could not get the ring status, the error is: {}", static_cast<int>(error));
    std::vector<Ring> rings;
    for (unsigned i = 0; i < count; ++i) {
        if (only.empty() || only == names[i]) rings.push_back({i, names[i], states[i]});
        std::free(names[i]);
        std::free(states[i]);
    }
    std::free(names);
    std::free(states);
    if (json) {
        nlohmann::json list = nlohmann::json::array();
        for (const Ring& ring : rings)
            list.push_back({{"number", ring.number}, {"id", ring.id}, {"status", ring.status}});
        print_json({{"local_nodeid", local}, {"rings", list}});
    } else {
        fmt::print("{}", rings_text(local, rings));
    }
    return any_faulty(rings) ? 1 : 0;
}

int reenable_rings() {
    fmt::print("Re-enabling all failed rings.\n");
    const std::unique_ptr<qb_ipcc_connection_t, void (*)(qb_ipcc_connection_t*)> connection(
        qb_ipcc_connect("cfg", kMaxMessage), qb_ipcc_disconnect);
    if (!connection) return complain("Could not reach the configuration service: {}", std::strerror(errno));
    qb_ipc_request_header request{};
    request.id = kReenableRequest;
    request.size = sizeof request;
    const iovec piece{&request, sizeof request};
    qb_ipc_response_header response{};
    const auto got = qb_ipcc_sendv_recv(connection.get(), &piece, 1, &response, sizeof response, -1);
    if (got < 0) return complain("Could not re-enable the rings: {}", std::strerror(static_cast<int>(-got)));
    const auto error = static_cast<cs_error_t>(response.error);
    return error == CS_OK ? 0 : complain("Could not re-enable the rings: {}", cs_strerror(error));
}

}  // namespace tools::cfgtool
