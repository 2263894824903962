#pragma once
// totem-flood as a program running on a node of a laboratory.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "conformance/client/delivery_log.hpp"
#include "conformance/lab/lab.hpp"

namespace flood {

class FloodProcess {
public:
    // `index` tells the floods of a node apart; `options` are further ones of totem-flood, which is looked for next to
    // the running program.
    FloodProcess(const lab::Lab& laboratory, unsigned node, unsigned index, const std::vector<std::string>& options);

    unsigned node() const { return node_; }
    void stop() { process_.signal(15); }  // sends no more, ends when everybody has ended
    void end() { process_.end(); }        // kills it
    bool sending() const;                 // has joined, met all it waits for, and begun
    bool running() { return !process_.wait(lab::milliseconds(0)); }
    // What it reports at its end. LabError if it does not end in time (and goes on) or reports nothing.
    nlohmann::json result(lab::milliseconds limit);
    std::vector<View> deliveries() const;  // complete when it has ended

private:
    unsigned node_;
    std::filesystem::path output_, log_;
    lab::Process process_;
};

}  // namespace flood
