#include "tools/why/show.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tools/common/program.hpp"
#include "tools/common/stop_signal.hpp"

namespace tools::why {

using engine::why::Contents;
using engine::why::Names;
using engine::why::Record;

namespace {

void print(const std::vector<Record>& records, const Options& options, const Names& names) {
    fmt::print("{}", options.json ? lines_of(records, names) : text_of(records, names));
    std::fflush(stdout);
}

// True if there was damage.
bool tell_damage(const Contents& contents, bool cut_too) {
    std::size_t count = 0;
    for (const auto& damage : contents.damaged) {
        if (damage.cut && !cut_too) continue;
        ++count;
        complain(fmt::format("{}:{}: {}", damage.file, damage.line,
                             damage.cut ? "the line is cut, left out" : "this is no record, left out"));
    }
    if (count > 0) complain(fmt::format("{} damaged line{}", count, count == 1 ? "" : "s"));
    return count > 0;
}

// What happens in the journal's directory, as a descriptor.
class Watch {
public:
    explicit Watch(const std::string& file) : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
        const auto slash = file.rfind('/');
        const std::string directory = slash == std::string::npos ? "." : file.substr(0, slash + 1);
        ok_ = fd_ >= 0 &&
              ::inotify_add_watch(fd_, directory.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE) >= 0;
    }
    ~Watch() {
        if (fd_ >= 0) ::close(fd_);
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    bool ok() const { return ok_; }

    // False when the program shall end.
    bool wait(const StopSignal& stop) const {
        std::array<pollfd, 2> waiting{{{fd_, POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
        while (::poll(waiting.data(), waiting.size(), -1) < 0) {
            if (errno != EINTR) return false;
        }
        std::array<char, 4096> events;
        while (::read(fd_, events.data(), events.size()) > 0) {
        }
        return waiting[1].revents == 0;
    }

private:
    int fd_;
    bool ok_ = false;
};

// Records after the one numbered `last`; all if the journal was begun anew.
std::vector<Record> news(std::vector<Record> records, std::uint64_t last) {
    const bool anew = records.empty() || records.back().sequence < last;
    if (!anew) std::erase_if(records, [last](const Record& record) { return record.sequence <= last; });
    return records;
}

int follow(const Options& options, const Names& names) {
    const StopSignal stop;
    const Watch watch(options.file);  // before the first look, so that nothing is missed
    if (!watch.ok()) {
        complain(fmt::format("Can't watch {}: {}", options.file, std::strerror(errno)));
        return kUnreadable;
    }
    Contents contents = engine::why::read_journal(options.file);
    bool damaged = tell_damage(contents, false);
    std::uint64_t last = contents.records.empty() ? 0 : contents.records.back().sequence;
    print(select(std::move(contents.records), options), options, names);
    while (watch.wait(stop)) {
        contents = engine::why::read_journal(options.file);
        if (!contents.error.empty()) {
            complain(contents.error);
            return kUnreadable;
        }
        if (contents.records.empty()) continue;
        const auto newest = contents.records.back().sequence;
        print(news(std::move(contents.records), last), options, names);
        last = newest;
    }
    return damaged ? kDamaged : kShown;
}

}  // namespace

std::vector<Record> select(std::vector<Record> records, const Options& options) {
    if (options.since) std::erase_if(records, [&](const Record& record) { return record.at < *options.since; });
    if (options.count && records.size() > *options.count) {
        records.erase(records.begin(), records.end() - static_cast<std::ptrdiff_t>(*options.count));
    }
    return records;
}

std::string text_of(const std::vector<Record>& records, const Names& names) {
    std::string out;
    for (const Record& record : records)
        out += engine::why::paragraph(record, names) + '\n';
    return out;
}

std::string lines_of(const std::vector<Record>& records, const Names& names) {
    std::string out;
    for (const Record& record : records) {
        auto json = engine::why::to_json_value(record);
        const std::string outcome = engine::why::outcome(record, names);
        json["text"] = engine::why::sentence(record, names) + (outcome.empty() ? "" : " ") + outcome;
        out += json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
    }
    return out;
}

int show(const Options& options, const Names& names) {
    if (options.follow) return follow(options, names);
    Contents contents = engine::why::read_journal(options.file);
    if (!contents.error.empty() || !contents.found) {
        complain(contents.error.empty() ? fmt::format("There is no journal {}", options.file) : contents.error);
        return kUnreadable;
    }
    const bool damaged = tell_damage(contents, true);
    print(select(std::move(contents.records), options), options, names);
    return damaged ? kDamaged : kShown;
}

}  // namespace tools::why
