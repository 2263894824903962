#include "pvecm/guests/commands.hpp"

#include <fmt/format.h>

#include "pvecm/host/process.hpp"
#include "pvecm/host/settings.hpp"

namespace pvecm::guests {
namespace {

constexpr std::string_view kPlace = "{id}";

std::string fallback(const std::string& verb, Kind kind) {
    return fmt::format("{} {} {{id}}", kind == Kind::machine ? "qm" : "pct", verb == "START" ? "start" : "status");
}

}  // namespace

Commands::Commands(const Paths& paths) : paths_(paths) {}

Words Commands::command(const std::string& verb, const Guest& guest) const {
    const std::string key = fmt::format("PVECM_{}_{}", verb, short_name(guest.kind));
    Words words = split(setting(paths_, key).value_or(fallback(verb, guest.kind)));
    for (std::string& word : words) {
        for (auto at = word.find(kPlace); at != std::string::npos; at = word.find(kPlace))
            word.replace(at, kPlace.size(), std::to_string(guest.id));
    }
    return words;
}

bool Commands::running(const Guest& guest) const {
    const Words words = command("STATUS", guest);
    return !words.empty() && run_captured(words).out.find("running") != std::string::npos;
}

}  // namespace pvecm::guests
