#include "pvecm/guests/commands.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <sstream>

#include "pvecm/host/files.hpp"
#include "pvecm/host/process.hpp"
#include "pvecm/host/runner.hpp"

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
    const auto settings = parse_settings(read_file(paths_.settings()).value_or(""));
    std::string text = fallback(verb, guest.kind);
    if (const auto set = settings.find(key); set != settings.end()) text = set->second;
    if (const char* const set = std::getenv(key.c_str())) text = set;
    std::istringstream stream(text);
    Words words;
    for (std::string word; stream >> word;) {
        for (auto at = word.find(kPlace); at != std::string::npos; at = word.find(kPlace))
            word.replace(at, kPlace.size(), std::to_string(guest.id));
        words.push_back(word);
    }
    return words;
}

bool Commands::running(const Guest& guest) const {
    const Words words = command("STATUS", guest);
    return !words.empty() && run_captured(words).out.find("running") != std::string::npos;
}

}  // namespace pvecm::guests
