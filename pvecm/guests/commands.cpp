#include "pvecm/guests/commands.hpp"

#include <fmt/format.h>

#include <map>

#include "pvecm/host/process.hpp"
#include "pvecm/host/settings.hpp"

namespace pvecm::guests {
namespace {

std::string fallback(const std::string& verb, Kind kind) {
    static const std::map<std::string, std::string> kWords = {{"START", "start {id}"},
                                                              {"STATUS", "status {id}"},
                                                              {"STOP", "stop {id}"},
                                                              {"SHUTDOWN", "shutdown {id} --timeout {seconds}"}};
    return fmt::format("{} {}", kind == Kind::machine ? "qm" : "pct", kWords.at(verb));
}

void fill_in(Words& words, std::string_view place, long number) {
    for (std::string& word : words) {
        for (auto at = word.find(place); at != std::string::npos; at = word.find(place))
            word.replace(at, place.size(), std::to_string(number));
    }
}

}  // namespace

Commands::Commands(const Paths& paths) : paths_(paths) {}

Words Commands::command(const std::string& verb, const Guest& guest) const {
    const std::string key = fmt::format("PVECM_{}_{}", verb, short_name(guest.kind));
    Words words = split(setting(paths_, key).value_or(fallback(verb, guest.kind)));
    fill_in(words, "{id}", guest.id);
    return words;
}

Words Commands::shut_down(const Guest& guest, long seconds) const {
    Words words = command("SHUTDOWN", guest);
    fill_in(words, "{seconds}", seconds);
    return words;
}

bool Commands::running(const Guest& guest) const {
    const Words words = command("STATUS", guest);
    return !words.empty() && run_captured(words).out.find("running") != std::string::npos;
}

}  // namespace pvecm::guests
