#include "pvecm/join/journal.hpp"

#include <fmt/format.h>

#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"

namespace pvecm {

std::optional<Journal> Journal::read(const Paths& paths) {
    const auto text = read_file(paths.journal());
    if (!text) return std::nullopt;
    const auto blank = text->find(' '), end = text->find('\n');
    if (blank == std::string::npos || end == std::string::npos || end < blank)
        throw Error(fmt::format("'{}' is damaged", paths.journal()));
    return Journal{.command = text->substr(0, blank), .target = text->substr(blank + 1, end - blank - 1)};
}

void Journal::write(const Paths& paths) const {
    write_file(paths.journal(), fmt::format("{} {}\n", command, target), 0600);
}

void Journal::clear(const Paths& paths) {
    remove_file(paths.journal());
}

bool resumes(const Paths& paths, const Journal& journal) {
    const auto old = Journal::read(paths);
    if (!old) return false;
    if (*old == journal) return true;
    const std::string begun = old->target.empty() ? old->command : fmt::format("{} {}", old->command, old->target);
    throw Error(fmt::format("'pvecm {0}' was begun on this node and not finished: run it again to finish it{1}", begun,
                            old->command == "create" ? "" : fmt::format(", or 'pvecm {} --undo'", begun)));
}

}  // namespace pvecm
