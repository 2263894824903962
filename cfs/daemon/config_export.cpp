#include "cfs/daemon/config_export.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <regex>

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
    static const std::regex kPattern(R"(config_version[ \t\n\r]*:[ \t\n\r]*([0-9]+))");
    std::match_results<std::string_view::const_iterator> found;
    if (!std::regex_search(text.begin(), text.end(), found, kPattern)) return 0;
    const std::string digits = found[1].str();
    std::uint64_t version = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), version);
    return version;
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
