#pragma once
// What clients' requests ask for: whoever owns tree and status implements it.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cfs/replica/clusterlog/cluster_log.hpp"

namespace cfs::ipc {

using totem::Bytes;

// All calls come from the server's thread, one after the other, and hold up every client until they return: so nothing
// in them waits for a disk or the network. Views are valid during the call only; texts may hold any bytes.
class Backend {
public:
    virtual ~Backend() = default;

    // The texts of pmxcfs.md 11.1 to 11.3 and 11.5; the latter without the NUL, which is the server's.
    virtual std::string version_text() = 0;
    virtual std::string members_text() = 0;
    virtual std::string guests_text() = 0;
    virtual std::string rrd_text() = 0;
    // The newest `most` entries (0: 50), of `user` only if one is given (11.4).
    virtual std::string cluster_log_text(std::uint32_t most, std::string_view user) = 0;

    // A key of this node: 0 or a negative errno (13.1).
    virtual int set_status(const std::string& key, Bytes value) = 0;
    // Of the node with this name, of the own one for "".
    virtual std::optional<std::string> status(std::string_view node, std::string_view key) = 0;

    // The content of a file of the tree, leading and doubled slashes ignored; nothing if there is none, for a
    // directory, and for what is not in the tree (virtual files, links).
    virtual std::optional<std::string> file(std::string_view path) = 0;
    virtual void log(const replica::ClusterLog::Text& text) = 0;
    // cfs/ipc/guest_properties.hpp on the tree.
    virtual std::optional<std::string> guest_properties(std::uint32_t guest,
                                                        std::span<const std::string_view> names) = 0;
};

}  // namespace cfs::ipc
