#pragma once
// What one writer has done and what must therefore be in the store. A writer has slots, which nobody else writes to; a
// slot is a few places (paths) with contents. Of an operation whose outcome is unknown both are possible: it happened,
// or not; so a slot has a set of states.
//
// This relies on what a store promises: operations of one writer happen in the order they were asked for, each as a
// whole, and what was acknowledged has happened.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/store_client/content.hpp"

namespace store_client {

// What a slot is follows from the first letter of its name.
enum class SlotKind : char {
    file = 'f',       // places: the file, and the one that replaces it
    directory = 'd',  // place: a directory
    guest = 'g',      // places: the guest's configuration on each node; it is on one of them at most
    lock = 'l',       // place: a directory that others make, too
};
SlotKind kind_of(const std::string& slot);

enum class Action : char {
    empty = 'e',   // made, or truncated if it was there
    write = 'w',   // at an offset
    append = 'a',  // at the end, which is the offset
    rename = 'r',  // to another place, over what is there
    remove = 'u',
    make_directory = 'm',
    remove_directory = 'n',
};

struct Operation {
    std::uint64_t number = 0;
    std::string slot;
    Action action = Action::empty;
    unsigned place = 0, to = 0;
    std::uint64_t offset = 0;
    std::size_t size = 0;
};

// acknowledged: it happened. refused: it did not, and could not, as things were. unknown: an error that leaves it open.
enum class Outcome : char { acknowledged = 'A', refused = 'R', unknown = 'U' };

using State = std::map<unsigned, std::string>;  // contents by place; a directory has ""

// The state after it; nothing if it would be refused.
std::optional<State> apply(const State& state, const Operation& operation, const WriterId& writer);

class History {
public:
    explicit History(WriterId writer) : writer_(writer) {}

    const WriterId& writer() const { return writer_; }
    // One operation after the other. One that is begun and never ended is of unknown outcome.
    void begin(const Operation& operation);
    void end(Outcome outcome);

    // Never empty. Of a slot that was not used yet: the one with nothing.
    const std::set<State>& states(const std::string& slot) const;
    bool known(const std::string& slot) const { return states(slot).size() == 1; }
    std::vector<std::string> slots() const;

    std::uint64_t last_number() const { return last_number_; }
    std::size_t count(Outcome outcome) const;
    // Outcomes that can't be, whatever was the outcome of those that are unknown: something was lost before.
    const std::vector<std::string>& contradictions() const { return contradictions_; }

private:
    WriterId writer_;
    std::map<std::string, std::set<State>> slots_;
    std::optional<Operation> pending_;
    std::uint64_t last_number_ = 0;
    std::map<Outcome, std::size_t> counts_;
    std::vector<std::string> contradictions_;
};

}  // namespace store_client
