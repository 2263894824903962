#include "engine/log/targets.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace engine::log {
namespace {

// A log that cannot be written has nobody to tell; an interrupted or short write is continued.
void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

int syslog_priority(Level level) {
    // Daemons commonly drop debug, so what was asked for explicitly arrives as info (section 8.1).
    return level >= Level::debug ? LOG_INFO : static_cast<int>(level);
}

}  // namespace

void encode(Level level, Subsystem subsystem, std::string_view text, spdlog::memory_buf_t& payload) {
    payload.push_back(static_cast<char>(level));
    payload.push_back(static_cast<char>(subsystem));
    payload.append(text.data(), text.data() + text.size());
}

Record decode(const spdlog::details::log_msg& message) {
    const std::string_view payload(message.payload.data(), message.payload.size());
    Record record;
    record.level = static_cast<Level>(payload[0]);
    record.subsystem = static_cast<Subsystem>(payload[1]);
    record.time = message.time;
    if (message.source.filename != nullptr) record.file = message.source.filename;
    if (message.source.funcname != nullptr) record.function = message.source.funcname;
    record.line = static_cast<unsigned>(message.source.line);
    record.text = payload.substr(2);
    return record;
}

void Target::sink_it_(const spdlog::details::log_msg& message) {
    const Record record = decode(message);
    const auto& limit = limits_[static_cast<std::size_t>(record.subsystem)];
    if (limit && record.level <= *limit) put(record);
}

void StderrTarget::put(const Record& record) {
    write_all(STDERR_FILENO, stderr_line(record, layout()) + '\n');
}

SyslogTarget::SyslogTarget(Limits limits, Layout layout, std::array<int, kSubsystems> facilities)
    : Target(limits, layout), facilities_(facilities) {
    openlog(kProgram, LOG_CONS | LOG_PID, LOG_DAEMON);
}

void SyslogTarget::put(const Record& record) {
    const int facility = facilities_[static_cast<std::size_t>(record.subsystem)];
    syslog(facility | syslog_priority(record.level), "%s", syslog_line(record, layout()).c_str());
}

FileTarget::FileTarget(Limits limits, Layout layout, std::string host, std::string path)
    : Target(limits, layout), host_(std::move(host)), path_(std::move(path)) {}

FileTarget::~FileTarget() {
    if (fd_ >= 0) ::close(fd_);
}

std::optional<std::string> FileTarget::reopen() {
    const int fd = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
        const int error = errno;
        return fmt::format("Can't open logfile '{}' for reason: {} ({})", path_, std::strerror(error), error);
    }
    const std::lock_guard lock(mutex_);
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
    return std::nullopt;
}

void FileTarget::put(const Record& record) {
    // Asked for each time: the log is set up before the daemon is a process of its own.
    write_all(fd_, logfile_line(record, layout(), {getpid(), host_}) + '\n');
}

}  // namespace engine::log
