// pvecm quorum: what would happen to quorum if nodes were lost, by the engine's own votequorum.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/options.hpp"
#include "pvecm/commands/quorum_view.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/quorum/running.hpp"
#include "tools/common/program.hpp"

namespace pvecm::commands {
namespace {

using quorum::Answer;
using quorum::Count;
using quorum::Model;

constexpr const char* kDeviceWord = "qdevice";

struct Question {
    Model model;
    quorum::Present present;
    quorum::Loss loss;
    Words names;  // of the loss, as given
};

std::string read_conf(const std::string& file) {
    const auto text = read_file(file);
    if (!text) throw Error(fmt::format("there is no '{}'", file));
    return *text;
}

quorum::Loss loss_of(const Model& model, const Words& names) {
    quorum::Loss loss;
    for (const std::string& name : names) {
        const quorum::Voter* const voter = model.find(name);
        if (name == kDeviceWord && model.device) {
            loss.device = true;
        } else if (voter != nullptr) {
            loss.nodes.push_back(voter->id);
        } else {
            Words known;
            for (const quorum::Voter& each : model.voters)
                known.push_back(each.name);
            if (model.device) known.emplace_back(kDeviceWord);
            throw Error(fmt::format("there is no node '{}', but {}", name, fmt::join(known, ", ")));
        }
    }
    return loss;
}

Words split_at_commas(const std::string& text) {
    std::istringstream parts(text);
    Words words;
    for (std::string word; std::getline(parts, word, ',');) {
        if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
    return words;
}

// The running cluster, or the file that is given with all its nodes up. Nothing if the engine did not answer.
std::optional<Question> question_of(const Context& context, const Arguments& arguments) {
    const auto given = arguments.get("config");
    const std::string file = given.value_or(context.paths.local_conf());
    Question question;
    question.model = quorum::model_of(read_conf(file), file);
    if (!question.model.votequorum)
        throw Error(fmt::format("{}: quorum.provider is not corosync_votequorum: there are no votes to count", file));
    if (given) {
        question.present = all_present(question.model);
    } else {
        const auto picture = look({});
        if (!picture) return std::nullopt;
        question.present = present_of(*picture, question.model);
    }
    question.names = split_at_commas(arguments.at("if-down"));
    question.loss = loss_of(question.model, question.names);
    return question;
}

std::string text_of(const Count& count) {
    return fmt::format("{} of {} votes, quorum {}: {}{}", count.votes, count.expected, count.quorum,
                       count.quorate ? "quorate" : "not quorate",
                       count.waiting_for_all && !count.quorate ? " (waits for all nodes)" : "");
}

nlohmann::json json_of(const Count& count) {
    return {{"votes", count.votes},
            {"expected", count.expected},
            {"quorum", count.quorum},
            {"quorate", count.quorate},
            {"waiting_for_all", count.waiting_for_all}};
}

Words options_of(const Model& model) {
    const vote::Settings settings = vote::read(model.voters.front().keys).settings;
    Words options;
    const auto add = [&options](bool on, const char* name) {
        if (on) options.emplace_back(name);
    };
    add(settings.two_node, "two_node");
    add(settings.wait_for_all, "wait_for_all");
    add(settings.last_man_standing, "last_man_standing");
    add(settings.tie_breaker.type != vote::TieBreaker::Type::none, "auto_tie_breaker");
    add(settings.allow_downscale, "allow_downscale");
    add(model.device, kDeviceWord);
    return options;
}

Words names_left(const Question& question, const Answer& answer) {
    Words names;
    for (const quorum::Voter& voter : question.model.voters) {
        if (std::find(answer.left.begin(), answer.left.end(), voter.id) != answer.left.end())
            names.push_back(voter.name);
    }
    return names;
}

void print_text(const Question& question, const Answer& answer) {
    const Words options = options_of(question.model);
    fmt::print("now: {}\n", text_of(answer.now));
    if (!options.empty()) fmt::print("options: {}\n", fmt::join(options, ", "));
    if (question.names.empty()) return;
    const Words left = names_left(question, answer);
    fmt::print("without {}: ", fmt::join(question.names, ", "));
    if (left.empty()) {
        fmt::print("no node is left\n");
        return;
    }
    fmt::print("{}\n", text_of(answer.then));
    if (answer.later) fmt::print("  when last_man_standing has counted anew: {}\n", text_of(*answer.later));
    if (answer.one_by_one)
        fmt::print("  if they go one after another, a last_man_standing_window apart: {}\n",
                   text_of(*answer.one_by_one));
    fmt::print("left: {}\n", fmt::join(left, ", "));
    if (answer.remedy) fmt::print("'pvecm expected {}' there would make it quorate\n", *answer.remedy);
}

void print_json(const Question& question, const Answer& answer) {
    const auto maybe = [](const std::optional<Count>& count) {
        return count ? json_of(*count) : nlohmann::json(nullptr);
    };
    tools::print_json({{"now", json_of(answer.now)},
                       {"options", options_of(question.model)},
                       {"down", question.names},
                       {"left", names_left(question, answer)},
                       {"then", json_of(answer.then)},
                       {"after_window", maybe(answer.later)},
                       {"one_by_one", maybe(answer.one_by_one)},
                       {"expected_to_set", answer.remedy ? nlohmann::json(*answer.remedy) : nlohmann::json(nullptr)}});
}

int run(Context& context, const Arguments& arguments) {
    const auto question = question_of(context, arguments);
    if (!question) return kQuorumFailed;
    const Answer answer = ask(question->model, question->present, question->loss);
    if (arguments.flag("json")) {
        print_json(*question, answer);
    } else {
        print_text(*question, answer);
    }
    return answer.end().quorate ? 0 : kNotQuorate;
}

}  // namespace

Command quorum_command() {
    return {.name = "quorum",
            .group = Group::addition,
            .help =
                "Says what would happen to quorum if nodes were lost, by the engine's own counting of votes. Ends with "
                "2 if the rest would not be quorate.",
            .options = {{.name = "if-down",
                         .help = "The nodes that are lost, with commas; 'qdevice' is the quorum device."},
                        {.name = "config",
                         .help = "A corosync.conf to judge, with all its nodes up, instead of the running cluster."},
                        json_option()},
            .needs = Needs::nothing,
            .run = run};
}

}  // namespace pvecm::commands
