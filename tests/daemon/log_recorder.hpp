#pragma once
// A log sink that tests read and wait on.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "engine/daemon/log_sink.hpp"

namespace daemontest {

class LogRecorder final : public engine::LogSink {
public:
    struct Line {
        engine::LogLevel level;
        std::string subsystem, text;
    };

    void write(engine::LogLevel level, std::string_view subsystem, std::string_view text) override {
        std::lock_guard lock(mutex_);
        lines_.push_back({level, std::string(subsystem), std::string(text)});
        changed_.notify_all();
    }
    bool wanted(engine::LogLevel, std::string_view) const override { return true; }

    std::vector<Line> lines() const {
        std::lock_guard lock(mutex_);
        return lines_;
    }
    bool has(const std::string& part) const {
        std::lock_guard lock(mutex_);
        return find(part, 0) != lines_.size();
    }
    // Waits for a line that contains `part`, at position `from` or later; its position plus one, 0 on
    // timeout.
    std::size_t wait_for(const std::string& part, std::size_t from = 0,
                         std::chrono::seconds limit = std::chrono::seconds(30)) const {
        std::unique_lock lock(mutex_);
        std::size_t at = lines_.size();
        bool found = changed_.wait_for(lock, limit, [&] { return (at = find(part, from)) != lines_.size(); });
        return found ? at + 1 : 0;
    }
    std::string all() const {
        std::string out;
        for (const Line& line : lines())
            out += "[" + line.subsystem + "] " + line.text + "\n";
        return out;
    }

private:
    std::size_t find(const std::string& part, std::size_t from) const {
        std::size_t at = std::min(from, lines_.size());
        while (at < lines_.size() && lines_[at].text.find(part) == std::string::npos)
            ++at;
        return at;
    }

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<Line> lines_;
};

}  // namespace daemontest
