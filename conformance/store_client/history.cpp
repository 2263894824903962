#include "conformance/store_client/history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace store_client {
namespace {

const std::set<State> nothing_yet = {State{}};

// A guest's configuration is on one node only.
bool is_elsewhere(const State& state, const Operation& operation) {
    return kind_of(operation.slot) == SlotKind::guest && !state.empty() && !state.contains(operation.place);
}

}  // namespace

SlotKind kind_of(const std::string& slot) {
    return static_cast<SlotKind>(slot.empty() ? 0 : slot.front());
}

std::optional<State> apply(const State& state, const Operation& operation, const WriterId& writer) {
    State after = state;
    const auto found = after.find(operation.place);
    const bool exists = found != after.end();
    switch (operation.action) {
        case Action::empty:
            if (is_elsewhere(state, operation)) return std::nullopt;
            after[operation.place].clear();
            return after;
        case Action::make_directory:
            if (exists) return std::nullopt;
            after[operation.place].clear();
            return after;
        case Action::write:
        case Action::append: {
            if (!exists) return std::nullopt;
            const std::string data = make_content(writer, operation.number, operation.size);
            std::string& file = found->second;
            file.resize(std::max<std::size_t>(file.size(), operation.offset + data.size()));
            std::ranges::copy(data, file.begin() + static_cast<std::ptrdiff_t>(operation.offset));
            return after;
        }
        case Action::rename:
            if (!exists) return std::nullopt;
            after[operation.to] = std::move(found->second);
            after.erase(operation.place);
            return after;
        case Action::remove:
        case Action::remove_directory:
            if (!exists) return std::nullopt;
            after.erase(found);
            return after;
    }
    return std::nullopt;
}

void History::begin(const Operation& operation) {
    if (pending_) end(Outcome::unknown);
    pending_ = operation;
    last_number_ = operation.number;
}

void History::end(Outcome outcome) {
    if (!pending_) return;
    const Operation operation = *std::exchange(pending_, std::nullopt);
    // Of a lock it only says that somebody else has it.
    const bool others = kind_of(operation.slot) == SlotKind::lock && operation.action == Action::make_directory;
    if (outcome == Outcome::refused && others) return;
    ++counts_[outcome];
    std::set<State> after;
    for (const State& state : states(operation.slot)) {
        auto changed = apply(state, operation, writer_);
        if (outcome == Outcome::unknown || (outcome == Outcome::refused && !changed)) after.insert(state);
        if (outcome != Outcome::refused && changed) after.insert(std::move(*changed));
    }
    if (after.empty()) {
        contradictions_.push_back(
            fmt::format("writer {}: operation {} ({} of place {} of {}) was {}, which it can't have been",
                        to_string(writer_), operation.number, static_cast<char>(operation.action), operation.place,
                        operation.slot, outcome == Outcome::refused ? "refused" : "acknowledged"));
        return;
    }
    slots_[operation.slot] = std::move(after);
}

const std::set<State>& History::states(const std::string& slot) const {
    const auto found = slots_.find(slot);
    return found == slots_.end() ? nothing_yet : found->second;
}

std::size_t History::count(Outcome outcome) const {
    const auto found = counts_.find(outcome);
    return found == counts_.end() ? 0 : found->second;
}

std::vector<std::string> History::slots() const {
    std::vector<std::string> names;
    for (const auto& [name, states] : slots_)
        names.push_back(name);
    return names;
}

}  // namespace store_client
