#include "cfs/daemon/config_export.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "cfs/daemon/files.hpp"
#include "cfs/daemon/log.hpp"

namespace cfs::daemon {
namespace {

constexpr mode_t kMode = 0644;

void reload() {
    const int status = std::system("corosync-cfgtool -R >/dev/null 2>&1");
    const int code = status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (code != 0)
        log(Severity::critical, Domain::dcdb, fmt::format("corosync-cfgtool -R failed with exit code {}", code));
}

}  // namespace

std::uint64_t config_version(std::string_view text) {
    constexpr std::string_view kKey = "config_version";
    const auto skip_space = [&text](std::size_t at) {
        return std::min(text.find_first_not_of(" \t\n\v\f\r", at), text.size());
    };
    for (std::size_t at = 0; (at = text.find(kKey, at)) != std::string_view::npos;) {
        at = skip_space(at + kKey.size());
        if (at == text.size() || text[at] != ':') continue;
        at = skip_space(at + 1);
        std::uint64_t version = 0;
        const char* const end = text.data() + text.size();
        if (std::from_chars(text.data() + at, end, version).ec == std::errc()) return version;
    }
    return 0;
}

void ConfigExport::submit(std::string text, bool allow_reload) {
    boost::asio::post(worker_, [this, text = std::move(text), allow_reload] { run(text, allow_reload); });
}

void ConfigExport::run(const std::string& text, bool allow_reload) const {
    const auto critical = [](std::string_view what) { log(Severity::critical, Domain::dcdb, what); };
    if (text.empty()) return;
    const std::uint64_t version = config_version(text);
    if (version == 0) return critical("unable to parse cluster config_version");
    errno = 0;
    const auto old = read_file(path_);
    if (!old && errno != ENOENT)
        critical(fmt::format("unable to read cluster config file '{}' - {}", path_, std::strerror(errno)));
    if (old && *old == text) return;
    const std::uint64_t old_version = old ? config_version(*old) : 0;
    if (version < old_version) return critical("local corosync.conf is newer");
    if (const auto failure = write_atomically(path_, text, kMode, 0)) return critical(failure->text);
    log(Severity::notice, Domain::dcdb, fmt::format("wrote new corosync config '{}' (version = {})", path_, version));
    if (allow_reload && old_version != 0) reload();
}

}  // namespace cfs::daemon
