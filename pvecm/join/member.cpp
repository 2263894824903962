#include "pvecm/join/member.hpp"

#include <fmt/format.h>

#include <sstream>

#include "pvecm/cli/formats.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/process.hpp"

namespace pvecm::join {
namespace {

constexpr int kNoConnection = 255;  // what ssh itself ends with

std::string trimmed(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    return text;
}

// Without what ssh-copy-id says when all is well.
std::string complaints(const std::string& text) {
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line.find(": INFO: ") == std::string::npos) result += line + "\n";
    }
    return trimmed(result);
}

std::string link_text(const config::Link& link) {
    return link.priority == 0 ? link.address : fmt::format("{},priority={}", link.address, link.priority);
}

}  // namespace

Words Member::command(const Words& words) const {
    Words all = {"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "root@" + host_};
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

void Member::copy_key() const {
    const Finished done = run_captured(
        {"ssh-copy-id", "-o", "ConnectTimeout=10", "-i", paths_.root_ssh("id_rsa"), "root@" + host_}, Input::inherited);
    if (!done.ok()) throw Error(fmt::format("unable to copy ssh ID to '{}': {}", host_, complaints(done.err)));
}

std::optional<long> Member::api_version() const {
    const Finished done = run_captured(command({"pvecm", "apiver"}));
    if (done.status == kNoConnection && done.err.find("USAGE") == std::string::npos)
        throw Error(fmt::format("unable to talk to '{}': {}", host_, trimmed(done.err)));
    if (!done.ok()) return std::nullopt;
    return parse_integer(trimmed(done.out));
}

Words Member::add_node_words(const JoinRequest& request, std::optional<long> api_version) {
    Words words = {"addnode", request.node, "--force", "1"};
    const auto add = [&words](const std::string& option, const std::string& value) {
        words.push_back(option);
        words.push_back(value);
    };
    if (request.nodeid) add("--nodeid", std::to_string(*request.nodeid));
    if (request.votes) add("--votes", std::to_string(*request.votes));
    if (!api_version) {
        add("--ring0_addr", request.links.count(0) > 0 ? request.links.at(0).address : request.fallback);
        if (request.links.count(1) > 0) add("--ring1_addr", request.links.at(1).address);
        return words;
    }
    for (const auto& [number, link] : request.links)
        add(fmt::format("--link{}", number), link_text(link));
    if (request.links.empty()) add("--new_node_ip", request.fallback);
    add("--apiversion", "1");
    return words;
}

void Member::add_node(const JoinRequest& request, std::optional<long> api_version) const {
    Words words = {"pvecm"};
    const Words more = add_node_words(request, api_version);
    words.insert(words.end(), more.begin(), more.end());
    const Words all = command(words);
    const Finished done = run_captured(all);
    if (done.ok()) return;
    // What is wrong is known there; which command it was tells nothing more unless nobody said anything.
    fmt::print(stderr, "{}", done.err);
    throw Error(fmt::format("unable to add node: command failed ({})", joined(all)));
}

std::string Member::read_file(const std::string& path) const {
    return must_run(command({"cat", path}), fmt::format("can't copy data from host '{}'", host_));
}

}  // namespace pvecm::join
