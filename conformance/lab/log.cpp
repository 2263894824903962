#include "conformance/lab/log.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace lab {

namespace {

// corosync-conf.md section 14.6 and totem-srp.md section 26.
constexpr const char* new_membership = "A new membership (";
constexpr const char* members_line = "] Members[";
constexpr const char* in_step = "Completed service synchronization, ready to provide service.";
constexpr const char* token_lost = "A processor failed, forming new configuration";

void add_numbers(const std::string& text, std::vector<unsigned>& numbers) {
    std::istringstream words(text);
    for (unsigned number = 0; words >> number;) {
        numbers.push_back(number);
    }
}

}  // namespace

std::optional<RingView> find_ring(const std::string& text) {
    RingView view;
    bool complete = false, continued = false;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (const auto at = line.find(new_membership); at != std::string::npos) {
            const auto begin = at + std::string(new_membership).size();
            view = {line.substr(begin, line.find(')', begin) - begin), {}};
            complete = false;
        } else if (line.find(token_lost) != std::string::npos) {
            complete = false;
        } else if (const auto list = line.find(members_line); list != std::string::npos) {
            // A long list goes on in another such line (totempg-sync-services.md section 13).
            if (!continued) view.members.clear();
            add_numbers(line.substr(line.find(':', list) + 1), view.members);
            continued = line.ends_with('\\');
        } else if (line.find(in_step) != std::string::npos) {
            complete = true;
        }
    }
    if (!complete || view.members.empty()) return std::nullopt;
    std::sort(view.members.begin(), view.members.end());
    return view;
}

std::size_t Log::size() const {
    std::error_code none;
    const auto size = std::filesystem::file_size(path_, none);
    return none ? 0 : static_cast<std::size_t>(size);
}

std::string Log::text(std::size_t from) const {
    std::ifstream file(path_, std::ios::binary);
    if (!file) return {};
    file.seekg(static_cast<std::streamoff>(from));
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Log::lines(const std::string& part, std::size_t from) const {
    std::vector<std::string> found;
    std::istringstream all(text(from));
    for (std::string line; std::getline(all, line);) {
        if (line.find(part) != std::string::npos) found.push_back(line);
    }
    return found;
}

std::size_t Log::count(const std::string& part, std::size_t from) const {
    return lines(part, from).size();
}

bool Log::wait_for(const std::string& part, milliseconds limit, std::size_t from) const {
    return wait_until(limit, [&] { return text(from).find(part) != std::string::npos; });
}

std::optional<RingView> Log::ring(std::size_t from) const {
    return find_ring(text(from));
}

}  // namespace lab
