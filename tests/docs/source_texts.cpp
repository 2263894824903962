#include "tests/docs/source_texts.hpp"

#include <algorithm>
#include <cctype>
#include <regex>

#include "tests/support/whole_file.hpp"

namespace docs {
namespace {

// Escapes as they are printed, and each replacement field as kFilledIn.
std::string as_printed(std::string_view literal) {
    std::string out;
    for (std::size_t i = 0; i < literal.size(); ++i) {
        const std::string_view rest = literal.substr(i);
        if (rest.starts_with("\\n") || rest.starts_with("\\t")) {
            out += rest[1] == 'n' ? '\n' : '\t';
            ++i;
        } else if (rest.starts_with('\\') && rest.size() > 1) {
            out += rest[1];
            ++i;
        } else if (rest.starts_with("{{") || rest.starts_with("}}")) {
            out += rest[0];
            ++i;
        } else if (rest.starts_with('{') && rest.find('}') != std::string_view::npos) {
            out += kFilledIn;
            i += rest.find('}');
        } else {
            out += rest[0];
        }
    }
    return out;
}

bool blank(std::string_view text) {
    return text.find_first_not_of(" \t\n") == std::string_view::npos;
}

// ... LogLevel::warning, kTag,
bool ends_in_a_warning(std::string_view before) {
    static const std::regex severity(
        R"((LogLevel|Level|Severity)::(warning|error|critical),\s*([A-Za-z:]+,\s*|"[A-Z]+",\s*)*$)");
    const auto last = before.substr(before.size() - std::min<std::size_t>(before.size(), 120));
    return std::regex_search(last.begin(), last.end(), severity);
}

// Where the literal or comment that begins at `at` ends.
std::size_t end_of_literal(std::string_view source, std::size_t at) {
    const char quote = source[at++];
    while (at < source.size() && source[at] != quote)
        at += source[at] == '\\' ? 2 : 1;
    return at + 1;
}

std::size_t end_of_comment(std::string_view source, std::size_t at) {
    const std::string_view closing = source[at + 1] == '/' ? "\n" : "*/";
    return std::min(source.find(closing, at + 2), source.size() - closing.size()) + closing.size();
}

}  // namespace

std::vector<SourceText> texts_of(std::string_view source, const std::filesystem::path& file) {
    std::vector<SourceText> out;
    std::size_t behind_last = std::string_view::npos;
    for (std::size_t at = 0; at < source.size();) {
        const std::string_view rest = source.substr(at);
        if (rest.starts_with("//") || rest.starts_with("/*")) {
            at = end_of_comment(source, at);
        } else if (rest.starts_with("R\"(")) {
            const std::size_t end = std::min(source.find(")\"", at), source.size());
            out.push_back({std::string(source.substr(at + 3, end - at - 3)), false, file});
            at = end + 2;
        } else if (rest[0] == '"') {
            const std::size_t end = end_of_literal(source, at);
            const std::string text = as_printed(source.substr(at + 1, end - at - 2));
            if (behind_last < at && blank(source.substr(behind_last, at - behind_last))) {
                out.back().text += text;
            } else {
                out.push_back({text, ends_in_a_warning(source.substr(0, at)), file});
            }
            behind_last = at = end;
        } else if (rest[0] == '\'' && (at == 0 || std::isalnum(static_cast<unsigned char>(source[at - 1])) == 0)) {
            at = end_of_literal(source, at);  // not the separator of a number
        } else {
            ++at;
        }
    }
    return out;
}

std::vector<SourceText> texts_below(const std::filesystem::path& directory) {
    std::vector<SourceText> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
        for (SourceText& text : texts_of(totem::test::get(entry.path()), entry.path()))
            out.push_back(std::move(text));
    }
    return out;
}

}  // namespace docs
