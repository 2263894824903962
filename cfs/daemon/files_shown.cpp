#include "cfs/daemon/files_shown.hpp"

#include "cfs/cluster/clocks.hpp"
#include "cfs/daemon/log.hpp"
#include "cfs/views/views.hpp"

namespace cfs::daemon {

std::string FilesShown::text(mount::VirtualFile file) const {
    using mount::VirtualFile;
    if (file == VirtualFile::debug) return debug() ? "1\n" : "0\n";
    if (file == VirtualFile::version) return version_text();
    if (file == VirtualFile::vmlist) return guests_text();
    return status_.with([file](replica::Status& status) {
        if (file == VirtualFile::members) return status.members_text();
        if (file == VirtualFile::clusterlog) return status.cluster_log().json();
        return status.rrd_text(cluster::now());
    });
}

std::string FilesShown::version_text() const {
    views::Versions versions;
    versions.start_time = node_.start_time;
    status_.with([&](replica::Status& status) {
        versions.cluster = status.info_version();
        versions.nodes = status.key_versions();
    });
    std::string text;
    tree_.look([&](const Tree& tree) {
        versions.guests = tree.guests().version();
        versions.files = tree.tracked().all();
        text = views::version(versions);
    });
    return text;
}

std::string FilesShown::guests_text() const {
    std::string text;
    tree_.look([&](const Tree& tree) { text = views::guests(tree.guests()); });
    return text;
}

void FilesShown::set_debug(bool on) {
    if (on == debug()) return;
    log(Severity::notice, Domain::main, on ? "enable debug mode" : "disable debug mode");
    daemon::set_debug(on);
}

}  // namespace cfs::daemon
