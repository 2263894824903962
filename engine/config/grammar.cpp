#include "engine/config/grammar.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace engine::config {
namespace {

// corosync reads into a line buffer of this many characters; a longer line is cut there by 2.4 and
// refused by 3.x. We refuse it in both.
constexpr std::size_t kMaxLine = 510;
// Longest dotted path, and the reserve its check takes for the dot even when there is none.
constexpr std::size_t kMaxPath = 254;

std::string_view trim_end(std::string_view text, std::string_view what) {
    const auto last = text.find_last_not_of(what);
    return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

std::string_view trim_start(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

// Section names and keys: blanks around, and any ':' and '{' at the end, do not belong to them.
std::string_view trim_name(std::string_view text) {
    return trim_start(trim_end(text, " \t:{"));
}

std::string join(std::string_view path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

class Parser {
public:
    Parser(std::string file, totem::Dialect dialect, Handler& handler, std::vector<std::string>& warnings)
        : file_(std::move(file)), strict_(dialect == totem::Dialect::v3), handler_(handler), warnings_(warnings) {}

    void run(std::string_view text) {
        while (!text.empty()) {
            ++line_;
            const auto end = text.find('\n');
            line(text.substr(0, end));
            text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        }
        if (!paths_.empty()) structural_error("Missing closing brace");
    }

private:
    void line(std::string_view text) {
        if (text.size() > kMaxLine) structural_error("Line too long");
        if (text.ends_with('\r')) text.remove_suffix(1);
        text = trim_end(text, " \t");
        const std::string_view content = trim_start(text);
        if (content.empty() || content.front() == '#') return;
        if (const auto brace = content.find('{'); brace != std::string_view::npos) {
            open(content.substr(0, brace), content.substr(brace + 1));
        } else if (const auto colon = content.find(':'); colon != std::string_view::npos) {
            item(content.substr(0, colon), content.substr(colon + 1));
        } else if (content.find('}') != std::string_view::npos) {
            close(content);
        } else {
            lenient_error("Line is not opening or closing section or key value");
        }
    }

    void open(std::string_view before, std::string_view after) {
        const std::string name(trim_name(before));
        if (name.empty()) lenient_error("Missing section name before opening bracket '{'");
        if (!after.empty()) lenient_error("Extra characters after opening bracket '{'");
        if (path().size() + name.size() + 1 > kMaxPath) {
            structural_error("Start of section makes total cmap path too long");
        }
        paths_.push_back(join(path(), name));
        call([&] { handler_.section_start(path(), name); });
    }

    void item(std::string_view before, std::string_view after) {
        const std::string key(trim_name(before));
        if (key.empty()) {
            lenient_error("Key name can't be empty");
            return;
        }
        if (path().size() + key.size() + 1 > kMaxPath) structural_error("New key makes total cmap path too long");
        call([&] { handler_.item(path(), key, std::string(trim_start(after))); });
    }

    void close(std::string_view content) {
        if (content != "}") lenient_error("Extra characters before or after closing bracket '}'");
        if (paths_.empty()) structural_error("Unexpected closing brace");
        call([&] { handler_.section_end(path()); });
        paths_.pop_back();
    }

    const std::string& path() const {
        static const std::string top;
        return paths_.empty() ? top : paths_.back();
    }

    template <class Call>
    void call(const Call& handler_call) {
        try {
            handler_call();
        } catch (const ValueError& error) {
            if (strict_) structural_error(error.what());
            throw Error(error.what(), kExitConfiguration, line_);
        }
    }

    [[noreturn]] void structural_error(std::string_view text) const {
        if (!strict_) throw Error(fmt::format("parser error: {}", text), kExitConfiguration, line_);
        throw Error(fmt::format("parser error: {}:{}: {}", file_, line_, text), kExitConfiguration, line_);
    }

    // An error that corosync 2.4 does not see.
    void lenient_error(std::string_view text) {
        if (strict_) structural_error(text);
        warnings_.push_back(fmt::format("{}:{}: {}, ignored.", file_, line_, text));
    }

    const std::string file_;
    const bool strict_;
    Handler& handler_;
    std::vector<std::string>& warnings_;
    std::vector<std::string> paths_;  // of the open sections
    unsigned line_ = 0;
};

}  // namespace

void parse(std::string_view text, const std::string& file, totem::Dialect dialect, Handler& handler,
           std::vector<std::string>& warnings) {
    Parser(file, dialect, handler, warnings).run(text);
}

std::string read_file(const std::string& path, totem::Dialect dialect) {
    const auto refuse = [&] {
        const char* reason = std::strerror(errno);
        throw Error(dialect == totem::Dialect::v3 ? fmt::format("Can't read file {}: {}", path, reason)
                                                  : fmt::format("Can't read file {} reason = ({})", path, reason));
    };
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(path.c_str(), "re"), &std::fclose);
    if (!stream) refuse();
    std::string text;
    std::array<char, 4096> block{};
    while (const std::size_t got = std::fread(block.data(), 1, block.size(), stream.get())) {
        text.append(block.data(), got);
    }
    if (std::ferror(stream.get()) != 0) refuse();
    return text;
}

}  // namespace engine::config
