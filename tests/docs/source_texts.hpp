#pragma once
// The string literals of C++ sources, as a user may see them: adjacent ones as one, and "…" for what is filled in.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace docs {

inline const std::filesystem::path kRoot = SOURCE_DIR;
inline constexpr std::string_view kFilledIn = "…";

struct SourceText {
    std::string text;
    bool warns;  // handed to a log directly behind a severity of warning or worse
    std::filesystem::path file;
};

std::vector<SourceText> texts_of(std::string_view source, const std::filesystem::path& file);
std::vector<SourceText> texts_below(const std::filesystem::path& directory);

}  // namespace docs
