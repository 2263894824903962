#include "bench/side_by_side/contestant.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {
namespace {

using lab::DaemonKind;

std::vector<DaemonKind> kinds(const Contestant& contestant, unsigned nodes) {
    if (contestant.engine == "corosync") return std::vector(nodes, DaemonKind::corosync);
    if (contestant.engine == "corosync2") return std::vector(nodes, DaemonKind::corosync2);
    std::vector out(nodes, DaemonKind::totemd);
    if (contestant.mixed()) out.back() = contestant.engine == "mixed" ? DaemonKind::corosync : DaemonKind::corosync2;
    return out;
}

void protect(std::map<std::string, std::string>& totem, const Contestant& contestant) {
    const auto& suite = contestant.suite;
    totem["crypto_cipher"] = suite;
    if (contestant.native()) return;
    const auto dash = suite.find('-');
    totem["crypto_cipher"] = suite.substr(0, dash);
    totem["crypto_hash"] = suite.substr(dash + 1);
    if (contestant.second_dialect()) totem["secauth"] = "on";
}

}  // namespace

std::string Contestant::name() const {
    return engine + ":" + transport + (suite.empty() ? "" : "+" + suite);
}

bool Contestant::second_dialect() const {
    if (engine == "corosync2" || engine == "mixed2") return true;
    // The suites of 2.x are a cipher and a hash, totemd's own only a cipher.
    return ours() && protects() && !native();
}

Contestant parse_contestant(const std::string& name) {
    const auto colon = name.find(':');
    const auto plus = std::min(name.find('+'), name.size());
    if (colon == std::string::npos || colon > plus)
        throw lab::LabError(fmt::format("'{}' is not of the form ENGINE:TRANSPORT or ENGINE:TRANSPORT+SUITE", name));
    Contestant out{name.substr(0, colon), name.substr(colon + 1, plus - colon - 1),
                   plus < name.size() ? name.substr(plus + 1) : ""};
    const auto one_of = [&](const std::string& what, const std::string& value, const std::vector<std::string>& known) {
        if (std::find(known.begin(), known.end(), value) == known.end())
            throw lab::LabError(fmt::format("unknown {} '{}' in '{}'", what, value, name));
    };
    one_of("engine", out.engine, {"totemd", "corosync", "corosync2", "mixed", "mixed2"});
    one_of("transport", out.transport, {"udp", "udpu", "knet"});
    if (out.transport == "knet" && out.engine != "corosync")
        throw lab::LabError(fmt::format("'{}': only corosync 3.x has knet", name));
    return out;
}

bool is_meant(const Contestant& contestant, const std::string& word) {
    const std::string name = contestant.name();
    if (!name.starts_with(word)) return false;
    return name.size() == word.size() || name[word.size()] == ':' || name[word.size()] == '+';
}

std::vector<Contestant> usual_contestants(const std::string& protection) {
    std::vector<std::string> names = {"totemd:udp",    "totemd:udpu",   "mixed:udp",
                                      "mixed:udpu",    "corosync:udp",  "corosync:udpu",
                                      "corosync:knet", "corosync2:udp", "corosync2:udpu"};
    if (protection == "on")
        names = {"totemd:udp+aes256-sha1",      "totemd:udp+aes256-gcm",     "totemd:udp+xchacha20",
                 "corosync:knet+aes256-sha256", "corosync2:udp+aes256-sha1", "corosync2:udpu+aes256-sha1"};
    std::vector<Contestant> out;
    for (const auto& name : names)
        out.push_back(parse_contestant(name));
    return out;
}

std::string missing(const Contestant& contestant) {
    for (const auto kind : kinds(contestant, 2)) {
        if (!lab::find_daemon(kind)) return lab::how_to_get(kind);
    }
    return "";
}

std::string version(const Contestant& contestant) {
    std::string out;
    for (const auto kind : kinds(contestant, 2)) {
        const auto command = fmt::format("'{}' -v 2>&1", lab::find_daemon(kind).value().string());
        std::FILE* pipe = ::popen(command.c_str(), "r");
        if (!pipe) throw lab::LabError("cannot run " + command);
        char line[200] = "";
        if (!std::fgets(line, sizeof line, pipe)) line[0] = 0;
        ::pclose(pipe);
        std::string text = line;
        text.erase(std::remove(text.begin(), text.end(), '\n'), text.end());
        if (out.find(text) == std::string::npos) out += (out.empty() ? "" : "; ") + text;
    }
    return out;
}

lab::Plan plan_of(const Contestant& contestant, unsigned nodes, bool real_time) {
    static unsigned number = 0;
    lab::Plan plan;
    plan.name = fmt::format("bench-{}", ++number);
    plan.cluster_name = plan.name;
    plan.nodes = kinds(contestant, nodes);
    plan.real_time = real_time;
    plan.totem = {{"transport", contestant.transport}};  // and every timeout is the engine's own
    if (contestant.second_dialect()) plan.totem["dialect"] = "2.x";
    if (contestant.second_dialect()) plan.totem["secauth"] = "off";
    if (contestant.engine == "totemd" && !contestant.second_dialect()) plan.totem["dialect"] = "3.x";
    if (contestant.protects()) protect(plan.totem, contestant);
    return plan;
}

}  // namespace bench
