// Links between the pages lead to files and headings that exist.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include "tests/docs/source_texts.hpp"
#include "tests/support/whole_file.hpp"

namespace docs {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> pages() {
    std::vector<fs::path> out;
    for (const char* const folder : {".", "docs", "bench", "conformance"}) {
        for (const auto& entry : fs::directory_iterator(kRoot / folder)) {
            if (entry.path().extension() == ".md") out.push_back(entry.path().lexically_normal());
        }
    }
    return out;
}

// As GitHub and others name headings.
std::string anchor_of(const std::string& heading) {
    std::string out;
    for (const char c : heading) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_') out += static_cast<char>(std::tolower(byte));
        if (c == ' ') out += '-';
    }
    return out;
}

std::set<std::string> anchors_of(const std::string& page) {
    std::set<std::string> out;
    std::istringstream lines(page);
    bool code = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("```")) code = !code;
        const auto text = line.find_first_not_of('#');
        if (!code && text != 0 && text != std::string::npos && line[text] == ' ')
            out.insert(anchor_of(line.substr(text + 1)));
    }
    return out;
}

// What is wrong with a link of that page; "" if nothing is.
std::string problem(const fs::path& page, const std::string& link) {
    const auto hash = link.find('#');
    const std::string file = link.substr(0, hash);
    const fs::path target = file.empty() ? page : page.parent_path() / file;
    if (!fs::exists(target)) return "there is no such file";
    if (hash == std::string::npos) return "";
    const auto anchors = anchors_of(totem::test::get(target));
    return anchors.contains(link.substr(hash + 1)) ? "" : "there is no such heading";
}

TEST(Links, LeadSomewhere) {
    static const std::regex link(R"(\]\(([^)\s]+)\))");
    std::size_t links = 0;
    for (const fs::path& page : pages()) {
        const std::string text = totem::test::get(page);
        for (std::sregex_iterator at(text.begin(), text.end(), link), end; at != end; ++at) {
            const std::string target = (*at)[1];
            if (target.starts_with("http")) continue;
            ++links;
            EXPECT_EQ(problem(page, target), "") << page.lexically_relative(kRoot).string() << ": " << target;
        }
    }
    EXPECT_GT(links, 80U);
}

TEST(Links, AreFoundWrong) {
    EXPECT_EQ(problem(kRoot / "README.md", "docs/nothing.md"), "there is no such file");
    EXPECT_EQ(problem(kRoot / "docs/cfs.md", "cfs.md#nothing"), "there is no such heading");
    EXPECT_EQ(problem(kRoot / "docs/cfs.md", "#the-daemon"), "");
    EXPECT_THAT(anchors_of("# `A` b, c\ntext\n```\n# no\n```\n"), testing::ElementsAre("a-b-c"));
}

}  // namespace
}  // namespace docs
