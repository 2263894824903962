#include "tools/common/program.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

namespace tools {

CommandLine::CommandLine(int argc, char** argv) {
    bool ended = false;
    for (int i = 0; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--") ended = true;
        bool* flag = nullptr;
        if (i > 0 && !ended) {
            if (argument == "--json") flag = &json;
            if (argument == "--help") flag = &help;
            if (argument == "--version") flag = &version;
        }
        if (flag != nullptr) {
            *flag = true;
        } else {
            arguments_.push_back(argv[i]);
        }
    }
    arguments_.push_back(nullptr);
}

void complain(std::string_view text) {
    std::fflush(stdout);
    fmt::print(stderr, "{}\n", text);
}

void print_json(const nlohmann::json& json, int indent) {
    fmt::print("{}\n", json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace));
}

const char* version_number() {
    return TOTEM_VERSION;
}

void print_version(const char* name) {
    const char* slash = std::strrchr(name, '/');
    fmt::print("{} {}\n", slash != nullptr ? slash + 1 : name, TOTEM_VERSION);
}

bool parse_number(const char* text, long long least, long long most, long long& value) {
    char* end = nullptr;
    errno = 0;
    value = std::strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && value >= least && value <= most;
}

std::string escape(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const char*>(data);
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        const char c = bytes[i];
        if (c == '\\') {
            text += "\\\\";
        } else if (c >= ' ' && c <= '~') {
            text += c;
        } else {
            text += fmt::format("\\x{:02X}", static_cast<unsigned>(static_cast<int>(static_cast<signed char>(c))));
        }
    }
    return text;
}

}  // namespace tools
