#pragma once
// What is measured, and what came out.

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace bench {

// One square of the matrix; the contestants of one are measured in turn.
struct Cell {
    std::string kind;  // throughput, latency, wake, loaded, idle, views
    unsigned nodes = 3;
    unsigned senders = 0;    // of throughput
    std::size_t size = 0;    // bytes of a message; of loaded, of what the others send
    std::string protection;  // "off", "on"
    bool operator==(const Cell&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Cell, kind, nodes, senders, size, protection)

using Figures = std::map<std::string, double>;  // by the names that figure_names() has

struct Result {
    Cell cell;
    std::string contestant;
    std::vector<Figures> rounds;

    std::vector<double> values(const std::string& figure) const;  // of the rounds that have it
    std::optional<double> median(const std::string& figure) const;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Result, cell, contestant, rounds)

struct Results {
    std::string command;                          // that measured them
    std::string clients;                          // how many, and how they send: what makes runs comparable
    std::map<std::string, std::string> machine;   // what they were measured on
    std::map<std::string, std::string> versions;  // by contestant
    std::vector<Result> results;
    std::vector<std::string> failures;  // runs that real engines did not survive, and why
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Results, command, clients, machine, versions, results, failures)

// Adds what another run has measured; rounds of the same cell and contestant become one row. Throws
// std::runtime_error if it had other clients.
void merge(Results& into, const Results& other);

struct FigureName {
    const char* name;   // in the data
    const char* title;  // for people
    const char* unit;
    bool more_is_better;
};
// What a kind of cell is about, the most telling first.
const std::vector<FigureName>& figure_names(const std::string& kind);

std::string in_words(const Cell& cell);
std::string in_words(std::size_t bytes);

}  // namespace bench
