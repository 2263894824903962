#pragma once
// What local programs ask for through the socket (pmxcfs.md section 14), from this node's tree and status. Keys and log
// lines go to the other nodes as well.

#include "cfs/daemon/files_shown.hpp"
#include "cfs/ipc/backend.hpp"

namespace cfs::daemon {

class ClientBackend final : public ipc::Backend {
public:
    // All outlive this; no `others` in local mode.
    ClientBackend(const FilesShown& files, SharedStatus& status, replica::Sender* others)
        : files_(files), status_(status), others_(others) {}

    std::string version_text() override { return files_.text(mount::VirtualFile::version); }
    std::string members_text() override { return files_.text(mount::VirtualFile::members); }
    std::string guests_text() override { return files_.text(mount::VirtualFile::vmlist); }
    std::string rrd_text() override { return files_.text(mount::VirtualFile::rrd); }
    std::string cluster_log_text(std::uint32_t most, std::string_view user) override;
    int set_status(const std::string& key, Bytes value) override;
    std::optional<std::string> status(std::string_view node, std::string_view key) override;
    std::optional<std::string> file(std::string_view path) override;
    void log(const replica::ClusterLog::Text& text) override;
    std::optional<std::string> guest_properties(std::uint32_t guest, std::span<const std::string_view> names) override;

private:
    const FilesShown& files_;
    SharedStatus& status_;
    replica::Sender* const others_;
};

}  // namespace cfs::daemon
