#pragma once
// A record in plain words. Sentences say what is certain and call the rest a suspicion.

#include <functional>
#include <string>

#include "engine/why/record.hpp"

namespace engine::why {

// How a node is called: "node 3", "node pve3". Must begin with a word of the language, it may start a sentence.
using Names = std::function<std::string(NodeId)>;
std::string by_number(NodeId node);

// The cause, and what came together with it: one or more sentences in one line.
std::string sentence(const Record& record, const Names& names = by_number);
// Members, ring and quorum: one line.
std::string outcome(const Record& record, const Names& names = by_number);
// One item of evidence, without its time.
std::string text_of(const Evidence& evidence, const Names& names = by_number);
// "2 tokens asked for 5 messages again, 1 datagram malformed"; empty if nothing was counted.
std::string text_of(const Counters& counters);
// A heading, sentence, outcome and evidence, each line with its newline. Times are local.
std::string paragraph(const Record& record, const Names& names = by_number);

// "2026-01-31 13:05:09.250", local time.
std::string time_text(std::int64_t milliseconds);
std::string clock_text(std::int64_t milliseconds);  // without the date

}  // namespace engine::why
