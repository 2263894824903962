#include "conformance/store_client/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace store_client {

namespace fs = std::filesystem;

namespace {

constexpr const char* extension = ".journal";

Operation read_operation(std::istream& words) {
    Operation operation;
    char action = 0;
    words >> operation.number >> operation.slot >> action >> operation.place >> operation.to >> operation.offset >>
        operation.size;
    operation.action = static_cast<Action>(action);
    return operation;
}

void read_line(const std::string& line, unsigned node, Recorded& recorded) {
    std::istringstream words(line);
    WriterId writer{node, 0};
    char what = 0;
    words >> writer.thread >> what;
    History& history = recorded.histories.try_emplace(writer, writer).first->second;
    switch (what) {
        case 'B':
            history.begin(read_operation(words));
            break;
        case 'A':
        case 'R':
        case 'U':
            history.end(static_cast<Outcome>(what));
            break;
        case 'V':
            recorded.violations.push_back(
                fmt::format("writer {}:{}", to_string(writer), line.substr(line.find('V') + 1)));
            break;
        default:
            words.setstate(std::ios::failbit);
    }
    if (!words) throw std::runtime_error(fmt::format("'{}' is no line of a journal", line));
}

void read_into(const fs::path& path, unsigned node, Recorded& recorded) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        read_line(line, node, recorded);
    for (auto& [writer, history] : recorded.histories)
        history.end(Outcome::unknown);  // what was under way
}

}  // namespace

Journal::Journal(const fs::path& folder, unsigned node)
    : file_(lab::open_file(journal_path(folder, node), O_WRONLY | O_CREAT | O_APPEND, 0644)) {}

void Journal::begin(unsigned thread, const Operation& operation) const {
    line(fmt::format("{} B {} {} {} {} {} {} {}\n", thread, operation.number, operation.slot,
                     static_cast<char>(operation.action), operation.place, operation.to, operation.offset,
                     operation.size));
}

void Journal::end(unsigned thread, Outcome outcome) const {
    line(fmt::format("{} {}\n", thread, static_cast<char>(outcome)));
}

void Journal::violation(unsigned thread, const std::string& text) const {
    line(fmt::format("{} V {}\n", thread, text));
}

void Journal::line(const std::string& text) const {
    const auto written = ::write(file_.get(), text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size())) throw std::runtime_error("cannot write the journal");
}

fs::path journal_path(const fs::path& folder, unsigned node) {
    return folder / fmt::format("{}{}", node, extension);
}

Recorded read_journal(const fs::path& folder, unsigned node) {
    Recorded recorded;
    read_into(journal_path(folder, node), node, recorded);
    return recorded;
}

Recorded read_journals(const fs::path& folder) {
    Recorded recorded;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() != extension) continue;
        read_into(entry.path(), static_cast<unsigned>(std::stoul(entry.path().stem())), recorded);
    }
    return recorded;
}

}  // namespace store_client
