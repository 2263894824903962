#include "tools/omping/qualify/qualify.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tools/omping/qualify/html_report.hpp"
#include "tools/omping/qualify/json_report.hpp"
#include "tools/omping/qualify/qualifier.hpp"
#include "tools/omping/qualify/text_report.hpp"

namespace tools::omping::qualify {
namespace {

// Before a run of ten minutes, as well as after it.
std::ofstream open_report(const std::string& path) {
    std::ofstream file(path, std::ios::binary);
    if (!file) throw Failure(fmt::format("Can't write {}: {}", path, std::strerror(errno)));
    return file;
}

void write_report(std::ofstream& file, const std::string& path, const std::string& text) {
    file << text << std::flush;
    if (!file) throw Failure(fmt::format("Can't write {}: {}", path, std::strerror(errno)));
}

}  // namespace

int qualify(const Options& options, const Selection& hosts, const Cluster& cluster) {
    if (hosts.single) throw usage_failure("--qualify needs other hosts besides this one");
    const QualifyOptions& asked = options.qualify;
    std::ofstream json, html;
    if (!asked.json.empty()) json = open_report(asked.json);
    if (!asked.html.empty()) html = open_report(asked.html);
    Qualifier qualifier(options, hosts, cluster);
    const Results results = qualifier.run();
    const TokenEstimate token = estimate_token(results);
    const Judgement judgement = judge(results, token);
    if (json.is_open()) {
        const auto text = json_report(results, token, judgement);
        write_report(json, asked.json, text.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    }
    if (html.is_open()) write_report(html, asked.html, html_report(results, token, judgement));
    fmt::print("{}", text_report(results, token, judgement));
    qualifier.finish();
    return exit_status(judgement.overall);
}

}  // namespace tools::omping::qualify
