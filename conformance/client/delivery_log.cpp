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

enum class End { both, either };  // whether both logs have to be used up

// Walks two sequences of one ring side by side. Messages are equal or missing at one side where that is allowed; a
// search, because short messages look alike and it can turn out later only which of them was missing.
class Alignment {
public:
    Alignment(const Messages& a, const Messages& b, std::set<std::uint32_t> strange_to_a,
              std::set<std::uint32_t> strange_to_b)
        : a_(a), b_(b), missable_a_(missable(a, strange_to_a, b)), missable_b_(missable(b, strange_to_b, a)) {}

    Comparison run(End end, const std::string& where) {
        std::vector<Place> open = {{}};
        std::set<std::pair<std::size_t, std::size_t>> seen;
        Place furthest;
        while (!open.empty()) {
            const Place at = open.back();
            open.pop_back();
            if (!seen.insert({at.i, at.j}).second) continue;
            if (at.i + at.j > furthest.i + furthest.j) furthest = at;
            const bool a_over = at.i == a_.size(), b_over = at.j == b_.size();
            if (end == End::either ? a_over || b_over : a_over && b_over) return {{}, at.missed_by_a, at.missed_by_b};
            // The last one pushed is tried first.
            if (!b_over && may_miss(missable_a_, b_[at.j], at.i))
                open.push_back({at.i, at.j + 1, at.missed_by_a + 1, at.missed_by_b});
            if (!a_over && may_miss(missable_b_, a_[at.i], at.j))
                open.push_back({at.i + 1, at.j, at.missed_by_a, at.missed_by_b + 1});
            if (!a_over && !b_over && a_[at.i] == b_[at.j])
                open.push_back({at.i + 1, at.j + 1, at.missed_by_a, at.missed_by_b});
        }
        const auto text = [](const Messages& all, std::size_t at) {
            return at == all.size() ? std::string("nothing more") : describe(all[at]);
        };
        return {fmt::format("{}: one delivers {} as number {} of {}, the other {} as number {} of {}", where,
                            text(a_, furthest.i), furthest.i, a_.size(), text(b_, furthest.j), furthest.j, b_.size())};
    }

private:
    struct Place {
        std::size_t i = 0, j = 0, missed_by_a = 0, missed_by_b = 0;
    };
    using Missable = std::map<std::uint32_t, std::size_t>;  // sender -> position up to which its messages may lack

    static Missable missable(const Messages& own, const std::set<std::uint32_t>& strangers, const Messages& other) {
        Missable result;
        for (const auto& message : other) {
            if (strangers.contains(message.node)) result[message.node] = own.size();
        }
        for (std::size_t i = own.size(); i-- > 0;) {
            if (auto found = result.find(own[i].node); found != result.end()) found->second = i;
        }
        return result;
    }

    static bool may_miss(const Missable& missable, const Delivery& message, std::size_t position) {
        const auto found = missable.find(message.node);
        return found != missable.end() && position <= found->second;
    }

    const Messages &a_, &b_;
    Missable missable_a_, missable_b_;
};

// The members of a ring that may have come to it from another one than the node of `own`, as far as two logs can tell.
std::set<std::uint32_t> strangers(const std::vector<View>& own, std::size_t at, const std::vector<View>& other,
                                  std::size_t other_at) {
    std::set<std::uint32_t> result(own[at].members.begin(), own[at].members.end());
    if (at == 0) return result;
    const auto& before = own[at - 1];
    const bool apart = other_at == 0 || other[other_at - 1].ring_id != before.ring_id;
    for (const auto member : before.members) {
        // Who was in both of two different rings came from either.
        if (before.departed.contains(member)) continue;
        const bool in_both = apart && other_at > 0 && std::ranges::count(other[other_at - 1].members, member) > 0;
        if (!in_both) result.erase(member);
    }
    return result;
}

// The messages of `a` that `b` has too; of those long enough not to look like others.
Messages common(const Messages& a, const Messages& b) {
    const std::set<Delivery> others(b.begin(), b.end());
    Messages kept;
    std::copy_if(a.begin(), a.end(), std::back_inserter(kept),
                 [&](const Delivery& message) { return message.size > 8 && others.contains(message); });
    return kept;
}

// -<node>:nodedown among the words.
void read_departed(std::istream& words, std::set<std::uint32_t>& departed) {
    for (std::string word; words >> word;) {
        if (word.starts_with('-') && word.ends_with(":nodedown"))
            departed.insert(static_cast<std::uint32_t>(std::stoul(word.substr(1))));
    }
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
        } else if (line.starts_with("G ") && !views.empty()) {
            read_departed(words, views.back().departed);
        }
    }
    return views;
}

Comparison compare(const std::vector<View>& a, const std::vector<View>& b) {
    const auto in_b = positions(b);
    std::vector<std::pair<std::size_t, std::size_t>> shared;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto found = in_b.find(a[i].ring_id);
        if (found == in_b.end()) continue;
        if (!shared.empty() && found->second < shared.back().second) {
            return {fmt::format("ring {} comes before ring {} in one log and after it in the other", a[i].ring_id,
                                b[shared.back().second].ring_id)};
        }
        shared.emplace_back(i, found->second);
    }
    Comparison total;
    for (std::size_t k = 0; k < shared.size(); ++k) {
        const auto [i, j] = shared[k];
        const auto& x = a[i].messages;
        const auto& y = b[j].messages;
        const bool last = i + 1 == a.size() || j + 1 == b.size();
        const bool together = k + 1 < shared.size() && shared[k + 1] == std::pair(i + 1, j + 1);
        const auto where = "in ring " + a[i].ring_id;
        auto one = Alignment(x, y, strangers(a, i, b, j), strangers(b, j, a, i))
                       .run(together ? End::both : End::either, where);
        // Nodes that part may deliver different last messages, but not in different order.
        const bool same_order = common(x, y) == common(y, x);
        if (!one.difference.empty() && !together && !last && same_order) one = {};
        if (one.difference.empty() && !same_order) one = {where + ": messages of both are in different order"};
        if (!one.difference.empty()) return one;
        total.missed_by_a += one.missed_by_a;
        total.missed_by_b += one.missed_by_b;
    }
    return total;
}

}  // namespace flood
