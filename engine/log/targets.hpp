#pragma once
// The targets as spdlog sinks. A spdlog message carries our record: its payload begins with one byte
// of level and one of subsystem, as spdlog's own levels lack half of syslog's.

#include <spdlog/sinks/base_sink.h>

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/log/format.hpp"

namespace engine::log {

void encode(Level level, Subsystem subsystem, std::string_view text, spdlog::memory_buf_t& payload);
Record decode(const spdlog::details::log_msg& message);

// Per subsystem the most verbose level taken, nullopt for none.
using Limits = std::array<std::optional<Level>, kSubsystems>;

class Target : public spdlog::sinks::base_sink<std::mutex> {
public:
    Target(Limits limits, Layout layout) : limits_(limits), layout_(layout) {}
    // nullopt, or what went wrong.
    virtual std::optional<std::string> reopen() { return std::nullopt; }

protected:
    void sink_it_(const spdlog::details::log_msg& message) final;
    void flush_() override {}
    virtual void put(const Record& record) = 0;
    const Layout& layout() const { return layout_; }

private:
    Limits limits_;
    Layout layout_;
};

class StderrTarget final : public Target {
public:
    using Target::Target;

private:
    void put(const Record& record) override;
};

class SyslogTarget final : public Target {
public:
    SyslogTarget(Limits limits, Layout layout, std::array<int, kSubsystems> facilities);

private:
    void put(const Record& record) override;
    std::array<int, kSubsystems> facilities_;
};

class FileTarget final : public Target {
public:
    FileTarget(Limits limits, Layout layout, std::string host, std::string path);
    ~FileTarget() override;
    // "Can't open logfile '...' for reason: ... (n)". Keeps the old file on failure.
    std::optional<std::string> reopen() override;

private:
    void put(const Record& record) override;
    const std::string host_;
    const std::string path_;
    int fd_ = -1;
};

}  // namespace engine::log
