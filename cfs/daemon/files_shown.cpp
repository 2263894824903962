#include "cfs/daemon/files_shown.hpp"

#include <unistd.h>

#include <ctime>

#include "cfs/daemon/log.hpp"
#include "cfs/views/views.hpp"

namespace cfs::daemon {
namespace {

replica::Now now() {
    return {static_cast<std::uint32_t>(std::time(nullptr)), std::chrono::steady_clock::now()};
}

}  // namespace

FilesShown::FilesShown(Node node, SharedTree& tree, Decider& decider)
    : node_(std::move(node)),
      tree_(tree),
      decider_(decider),
      status_({node_.name, node_.address}, Settings(), reports_) {
    // pmxcfs.md 1.3, step 8.
    status_.log(nullptr, now(), {6, static_cast<std::uint32_t>(::getpid()), "root", "cluster", "starting cluster log"});
}

std::string FilesShown::text(mount::VirtualFile file) const {
    using mount::VirtualFile;
    if (file == VirtualFile::debug) return debug() ? "1\n" : "0\n";
    if (file == VirtualFile::version) return version_text();
    if (file == VirtualFile::vmlist) return guests_text();
    const std::lock_guard lock(status_mutex_);
    if (file == VirtualFile::members) return status_.members_text();
    if (file == VirtualFile::clusterlog) return status_.cluster_log().json();
    return status_.rrd_text(now());
}

std::string FilesShown::version_text() const {
    views::Versions versions;
    versions.start_time = node_.start_time;
    {
        const std::lock_guard lock(status_mutex_);
        versions.cluster = status_.info_version();
        versions.nodes = status_.key_versions();
    }
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

void FilesShown::Reports::report(Severity severity, std::string_view text) {
    log(severity, Domain::status, text);
}

}  // namespace cfs::daemon
