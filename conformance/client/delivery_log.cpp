#include "conformance/client/delivery_log.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace flood {

namespace {

using Messages = std::vector<Delivery>;

std::string describe(const Delivery& delivery) {
    return fmt::format("{} bytes from {} ({:016x})", delivery.size, delivery.node, delivery.hash);
}

// Where a ring id stands in a log.
std::map<std::string, std::size_t> positions(const std::vector<View>& views) {
    std::map<std::string, std::size_t> where;
    for (std::size_t i = 0; i < views.size(); ++i) {
        where.emplace(views[i].ring_id, i);
    }
    return where;
}

std::string first_difference(const Messages& a, const Messages& b, const std::string& where) {
    const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return fmt::format("{}, message {}: one delivers {}, the other {} (of {} and {})", where, x - a.begin(),
                       x == a.end() ? "nothing more" : describe(*x), y == b.end() ? "nothing more" : describe(*y),
                       a.size(), b.size());
}

bool ends_with(const Messages& longer, const Messages& tail) {
    return longer.size() >= tail.size() && std::equal(tail.rbegin(), tail.rend(), longer.rbegin());
}

bool begins_with(const Messages& longer, const Messages& head) {
    return longer.size() >= head.size() && std::equal(head.begin(), head.end(), longer.begin());
}

// The messages of `a` that `b` has too; equal messages (1 byte ones are) are told apart by counting them.
Messages common(const Messages& a, const Messages& b) {
    std::map<Delivery, std::size_t> count;
    for (const auto& message : b) {
        ++count[message];
    }
    Messages kept;
    for (const auto& message : a) {
        auto found = count.find(message);
        if (found == count.end() || found->second == 0) continue;
        --found->second;
        kept.push_back(message);
    }
    return kept;
}

std::string compare_between(const Messages& a, const Messages& b, bool first, const std::string& where) {
    if (a == b) return {};
    // One of the clients may have joined in the middle of the first ring.
    if (first && (ends_with(a, b) || ends_with(b, a))) return {};
    return first_difference(a, b, where);
}

// After the last ring both have been through: one client ended earlier, or the nodes parted.
std::string compare_tails(Messages a, Messages b, bool first, const std::string& where) {
    if (begins_with(a, b) || begins_with(b, a)) return {};
    if (first && !a.empty() && !b.empty()) {
        // A late joiner's beginning has no counterpart to start from: align at its first message.
        auto& early = a.size() > b.size() ? a : b;
        const auto& late = a.size() > b.size() ? b : a;
        for (auto at = early.begin(); (at = std::find(at, early.end(), late.front())) != early.end(); ++at) {
            const Messages rest(at, early.end());
            if (begins_with(rest, late) || begins_with(late, rest)) return {};
        }
    }
    const Messages x = common(a, b), y = common(b, a);
    return x == y ? std::string() : first_difference(x, y, where + " (messages of both)");
}

}  // namespace

DeliveryWriter::DeliveryWriter(const std::filesystem::path& path) {
    if (!path.empty()) file_.open(path, std::ios::trunc);
}

void DeliveryWriter::view(const std::string& ring_id, const std::vector<std::uint32_t>& members) {
    if (!file_.is_open()) return;
    file_ << "V " << ring_id;
    for (const auto member : members) {
        file_ << ' ' << member;
    }
    file_ << std::endl;
}

void DeliveryWriter::message(const Delivery& delivery) {
    if (!file_.is_open()) return;
    file_ << "M " << delivery.node << ' ' << delivery.size << ' ' << std::hex << delivery.hash << std::dec << '\n';
}

void DeliveryWriter::group(const std::string& change) {
    if (file_.is_open()) file_ << "G " << change << std::endl;
}

void DeliveryWriter::sending() {
    if (file_.is_open()) file_ << "S" << std::endl;
}

std::vector<View> read_deliveries(const std::filesystem::path& path) {
    std::vector<View> views;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line) && !file.eof();) {
        std::istringstream words(line.substr(std::min<std::size_t>(line.size(), 2)));
        if (line.starts_with("V ")) {
            View view;
            words >> view.ring_id;
            for (std::uint32_t member = 0; words >> member;) {
                view.members.push_back(member);
            }
            views.push_back(std::move(view));
        } else if (line.starts_with("M ") && !views.empty()) {
            Delivery delivery;
            if (words >> delivery.node >> delivery.size >> std::hex >> delivery.hash) {
                views.back().messages.push_back(delivery);
            }
        }
    }
    return views;
}

std::string compare(const std::vector<View>& a, const std::vector<View>& b) {
    const auto in_b = positions(b);
    std::vector<std::pair<std::size_t, std::size_t>> shared;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto found = in_b.find(a[i].ring_id);
        if (found == in_b.end()) continue;
        if (!shared.empty() && found->second < shared.back().second) {
            return fmt::format("ring {} comes before ring {} in one log and after it in the other", a[i].ring_id,
                               b[shared.back().second].ring_id);
        }
        shared.emplace_back(i, found->second);
    }
    for (std::size_t k = 0; k < shared.size(); ++k) {
        const auto [i, j] = shared[k];
        // Only the first entry of a log can begin in the middle of a ring.
        const bool first = i == 0 || j == 0;
        const auto where = "in ring " + a[i].ring_id;
        std::string trouble;
        const bool last = k + 1 == shared.size();
        const auto end_a = last ? i + 1 : shared[k + 1].first, end_b = last ? j + 1 : shared[k + 1].second;
        if (!last && end_a == i + 1 && end_b == j + 1) {
            trouble = compare_between(a[i].messages, b[j].messages, first, where);
        } else {
            // Between these rings the two nodes were apart, or it is the last ring they share.
            trouble = compare_tails(a[i].messages, b[j].messages, first, where);
        }
        if (!trouble.empty()) return trouble;
    }
    return {};
}

}  // namespace flood
