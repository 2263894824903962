// totem-calls: makes library calls and prints their outcome.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "conformance/calls/calls.hpp"

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const std::map<std::string, void (*)()> sections = {{"cmap-values", calls::cmap_values},
                                                        {"cmap-iteration", calls::cmap_iteration},
                                                        {"cmap-tracking", calls::cmap_tracking},
                                                        {"cmap-stats", calls::cmap_stats},
                                                        {"cfg-questions", calls::cfg_questions},
                                                        {"quorum", calls::quorum_both_models},
                                                        {"cpg-group", calls::cpg_group},
                                                        {"cpg-models", calls::cpg_models},
                                                        {"sam", calls::sam},
                                                        {"cmap-typed", calls::cmap_typed},
                                                        {"handles", calls::handles}};
    const std::string section = argc > 1 ? argv[1] : "";
    if (const auto found = sections.find(section); found != sections.end() && argc == 2) {
        found->second();
        return EXIT_SUCCESS;
    }
    if (section == "cfg-vote" && argc == 4) {
        calls::cfg_vote(argv[2], std::atoi(argv[3]));
        return EXIT_SUCCESS;
    }
    if (section == "votes" && argc == 3) {
        calls::votequorum_votes(static_cast<unsigned>(std::atoi(argv[2])));
        return EXIT_SUCCESS;
    }
    if (section == "device" && argc == 3) {
        calls::votequorum_device(static_cast<unsigned>(std::atoi(argv[2])));
        return EXIT_SUCCESS;
    }
    std::fputs(
        "usage: totem-calls "
        "cmap-values|cmap-iteration|cmap-tracking|cmap-stats|cfg-questions|quorum|cpg-group|cpg-models|sam|cmap-typed|"
        "handles\n"
        "       totem-calls cfg-vote yes|no|none|leave FLAGS\n"
        "       totem-calls votes NODES\n"
        "       totem-calls device OWN_NODE\n",
        stderr);
    return 2;
}
