// docs/troubleshooting.md against the sources: what it quotes is still said, and what the daemons warn about is
// explained.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <sstream>

#include "tests/docs/source_texts.hpp"
#include "tests/support/whole_file.hpp"

namespace docs {
namespace {

// `…` of the first column.
std::vector<std::string> quoted_in(const std::string& row) {
    const std::string cell = row.substr(0, row.find(" | ", 1));
    std::vector<std::string> out;
    for (std::size_t begin = 0; (begin = cell.find('`', begin)) != std::string::npos;) {
        const std::size_t end = cell.find('`', begin + 1);
        if (end == std::string::npos) break;
        out.push_back(cell.substr(begin + 1, end - begin - 1));
        begin = end + 1;
    }
    return out;
}

// Of the tables below "By message".
std::vector<std::string> explained_messages() {
    std::istringstream page(totem::test::get(kRoot / "docs/troubleshooting.md"));
    std::vector<std::string> out;
    bool by_message = false;
    for (std::string line; std::getline(page, line);) {
        by_message = by_message || line == "## By message";
        if (!by_message || !line.starts_with("| `")) continue;
        for (std::string& message : quoted_in(line))
            out.push_back(std::move(message));
    }
    return out;
}

std::vector<SourceText> texts_of_programs(std::initializer_list<const char*> folders) {
    std::vector<SourceText> out;
    for (const char* const folder : folders) {
        for (SourceText& text : texts_below(kRoot / folder))
            out.push_back(std::move(text));
    }
    return out;
}

bool says(const SourceText& source, const std::string& message) {
    return source.text.find(message) != std::string::npos;
}

// More than a name and what is filled in.
bool is_sentence(const std::string& text) {
    static const std::regex two_words("[A-Za-z]{2,}.* .*[A-Za-z]{2,}");
    return std::regex_search(text, two_words);
}

TEST(Troubleshooting, QuotesWhatTheProgramsSay) {
    const auto messages = explained_messages();
    EXPECT_GT(messages.size(), 300U);
    const auto sources = texts_of_programs({"engine", "totem", "votequorum", "cfs", "pvecm", "tools"});
    for (const std::string& message : messages) {
        EXPECT_TRUE(std::ranges::any_of(sources, [&](const SourceText& text) { return says(text, message); }))
            << "no program says '" << message << "'; docs/troubleshooting.md has to quote what is in the sources now";
    }
}

TEST(Troubleshooting, ExplainsWhatTheDaemonsWarnAbout) {
    const auto messages = explained_messages();
    std::size_t warnings = 0;
    for (const SourceText& source : texts_of_programs({"engine", "votequorum", "cfs"})) {
        if (!source.warns || !is_sentence(source.text)) continue;
        ++warnings;
        EXPECT_TRUE(std::ranges::any_of(messages, [&](const std::string& message) { return says(source, message); }))
            << source.file.lexically_relative(kRoot).string() << " logs '" << source.text
            << "', which the tables of docs/troubleshooting.md do not explain";
    }
    EXPECT_GT(warnings, 50U);
}

// What the cases above are worth.
TEST(SourceTexts, AreReadAsTheyArePrinted) {
    const auto texts = texts_of(R"__(
        // "not this one"
        say(log, LogLevel::warning, kTag,
            "Node {} left: {:>3} of {{3}}, "
            "\"said\" so", node, count);
        say(log, LogLevel::notice, kTag, "calm" + std::string(1, '"'));
        number = 1'000; text = R"(raw)"; /* "nor this" */ write(Level::error, "last\n");
    )__",
                                "some.cpp");
    std::vector<std::string> found;
    for (const SourceText& text : texts)
        found.push_back(fmt::format("{}{}", text.warns ? "! " : "", text.text));
    EXPECT_THAT(found, testing::ElementsAre("! Node … left: … of {3}, \"said\" so", "calm", "raw", "! last\n"));
    EXPECT_FALSE(says(texts[0], "Node … right"));
    EXPECT_THAT(quoted_in("| `one …`<br>`two` | not `three` |"), testing::ElementsAre("one …", "two"));
    EXPECT_FALSE(is_sentence("…: … x"));
    EXPECT_TRUE(is_sentence("it ended with …"));
}

}  // namespace
}  // namespace docs
