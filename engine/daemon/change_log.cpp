#include "engine/daemon/change_log.hpp"

#include "engine/daemon/say.hpp"
#include "engine/why/reader.hpp"
#include "engine/why/text.hpp"

namespace engine {
ChangeLog::ChangeLog(LogSink& log, const config::ClusterConfig& config, const totem::Identity& self,
                     const Networks& networks)
    : log_(log),
      networks_(networks),
      journal_(config.state_dir + "/" + why::kJournalName,
               [this](const std::string& text) { say(log_, LogLevel::warning, kMain, "{}", text); }),
      recorder_(config.dialect, self, *this) {}

why::Surroundings::Stamp ChangeLog::stamp() {
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::steady_clock::now(), std::chrono::duration_cast<std::chrono::milliseconds>(wall).count()};
}

why::Surroundings::Link ChangeLog::link() {
    const totem::net::Counters net = networks_.counters();
    return {net.refused(), net.unsent()};
}

void ChangeLog::closed(why::Record record) {
    const why::Record& kept = journal_.add(std::move(record));
    const std::string outcome = why::outcome(kept);
    say(log_, LogLevel::notice, kMain, "Change {}: {}{}{}", kept.sequence, why::sentence(kept),
        outcome.empty() ? "" : " ", outcome);
}

void ChangeLog::dump() const {
    for (const why::Record& record : journal_.recent()) {
        say(log_, LogLevel::info, kMain, "change {} at {}: {}", record.sequence, why::time_text(record.at),
            why::sentence(record));
    }
}

}  // namespace engine
