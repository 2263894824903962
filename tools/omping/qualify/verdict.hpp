#pragma once
// Whether the network carries a cluster: one check a row of the table in spec omping.md section 14.5. Functions of
// values.

#include <string>
#include <vector>

#include "tools/omping/qualify/results.hpp"
#include "tools/omping/qualify/token.hpp"

namespace tools::omping::qualify {

enum class Verdict { pass, not_tested, warn, fail };

struct Check {
    std::string id;     // "unicast_loss"
    std::string title;  // "unicast loss"
    std::string value;  // what was measured, worst case, with the host
    std::string limit;
    Verdict verdict = Verdict::pass;
    std::string reason;  // why it is not passed
    std::string advice;  // what to do about it
};

struct Judgement {
    std::vector<Check> checks;
    Verdict overall = Verdict::pass;  // pass, warn or fail
};

Judgement judge(const Results& results, const TokenEstimate& token);

const char* name_of(Verdict verdict);  // "PASS", "NOT TESTED", "WARN", "FAIL"
int exit_status(Verdict overall);      // 0, 10, 11

}  // namespace tools::omping::qualify
