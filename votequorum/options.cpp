#include "votequorum/options.hpp"

#include <charconv>
#include <string_view>

namespace vote {
namespace {

constexpr std::string_view kPrefix = "configuration error: ";

std::vector<NodeId> leading_numbers(std::string_view text) {
    std::vector<NodeId> out;
    while (true) {
        const auto start = text.find_first_not_of(" \t");
        if (start == std::string_view::npos) return out;
        text.remove_prefix(start);
        const auto word = text.substr(0, text.find_first_of(" \t"));
        NodeId id = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
        if (error != std::errc() || end != word.data() + word.size() || id == 0) return out;
        out.push_back(id);
        text.remove_prefix(word.size());
    }
}

TieBreaker parse_tie_breaker(const std::string& text) {
    if (text == "lowest") return {TieBreaker::Type::lowest, {}};
    if (text == "highest") return {TieBreaker::Type::highest, {}};
    std::vector<NodeId> list = leading_numbers(text);
    if (list.empty()) return {};
    return {TieBreaker::Type::list, std::move(list)};
}

// One pass through the rows of section 2.2.
class Pass {
public:
    // At start if `current` is null.
    Pass(const Keys& keys, const Settings* current, bool device_registered)
        : keys_(keys), runtime_(current != nullptr), device_registered_(device_registered) {
        if (current != nullptr) s_ = *current;
    }

    Reading run() {
        collect();
        if (checks()) results();
        out_.settings = s_;
        return std::move(out_);
    }

private:
    void collect() {
        s_.two_node = keys_.two_node;
        s_.device_configured = !keys_.device_model.empty();
        s_.device_can_operate = s_.device_configured;
        s_.device_timeout = std::chrono::milliseconds(keys_.device_timeout);
        s_.device_sync_timeout = std::chrono::milliseconds(keys_.device_sync_timeout);
        s_.device_votes = s_.device_configured ? keys_.device_votes : std::nullopt;
        sum_ = keys_.nodelist ? keys_.nodelist->votes_sum : 0;
        if (runtime_) s_.tie_breaker = s_.configured_tie_breaker;
    }

    // False if the rest of the reading is not to be done.
    bool checks() {
        return have_expected_votes() && two_node_or_device() && options() && two_node_or_tie_breaker() &&
               tie_breaker_of_odd_cluster() && device_combinations() && device_votes();
    }

    void critical(std::string text) { out_.lines.push_back({Level::critical, std::move(text)}); }
    // A failed check that refuses the start and is logged at run time; false at start.
    bool survives(std::string_view text) {
        std::string whole = std::string(kPrefix) + std::string(text);
        if (runtime_) {
            critical(std::move(whole));
            return true;
        }
        out_.failure = std::move(whole);
        return false;
    }
    bool disable_device(std::string_view text) {
        if (!survives(text)) return false;
        critical("disabling quorum device operations");
        s_.device_can_operate = false;
        return true;
    }

    // Row 1.
    bool have_expected_votes() {
        if (keys_.nodelist || keys_.expected_votes) return true;
        if (survives("nodelist or quorum.expected_votes must be configured!")) {
            critical("will continue with current runtime data");
            out_.failure = out_.lines.front().text;
        }
        return false;
    }
    // Row 2.
    bool two_node_or_device() {
        if (!s_.two_node || !s_.device_configured) return true;
        if (!survives("two_node and quorum device cannot be configured at the same time!")) return false;
        if (device_registered_) {
            critical("quorum device is registered, disabling two_node");
            s_.two_node = false;
        } else {
            critical("quorum device is not registered, allowing two_node");
            critical("disabling quorum device operations");
            s_.device_can_operate = false;
        }
        return true;
    }
    // Rows 3 and 4.
    bool options() {
        if (!runtime_) {
            s_.allow_downscale = keys_.allow_downscale;
            s_.expected_votes_tracking = keys_.expected_votes_tracking || keys_.allow_downscale;
            s_.last_man_standing = keys_.last_man_standing;
            s_.last_man_standing_window = std::chrono::milliseconds(keys_.last_man_standing_window);
            s_.wait_for_all = keys_.wait_for_all.value_or(false);
            s_.wait_for_all_follows_two_node = !keys_.wait_for_all;
            if (keys_.auto_tie_breaker) s_.tie_breaker = parse_tie_breaker(keys_.auto_tie_breaker_node);
            if (keys_.auto_tie_breaker && !tie_breaker()) {
                out_.lines.push_back({Level::warning, "auto_tie_breaker_node '" + keys_.auto_tie_breaker_node +
                                                          "' is not valid, auto_tie_breaker is disabled"});
            }
            s_.configured_tie_breaker = s_.tie_breaker;
        }
        if (s_.wait_for_all_follows_two_node) s_.wait_for_all = s_.two_node;
        s_.tie_breaker_evaluated = runtime_ || keys_.auto_tie_breaker;
        return true;
    }
    // Row 5; wait_for_all stays as it is.
    bool two_node_or_tie_breaker() {
        if (!s_.two_node || !tie_breaker()) return true;
        critical("two_node and auto_tie_breaker are both specified but are not compatible, two_node is disabled");
        s_.two_node = false;
        return true;
    }
    // Rows 6 and 7.
    bool tie_breaker_of_odd_cluster() {
        if (!tie_breaker() || sum_ % 2 == 0 || s_.wait_for_all) return true;
        if (s_.last_man_standing) {
            if (survives("auto_tie_breaker & last_man_standing not available in odd sized cluster")) {
                out_.votes_read = false;
            }
            return false;
        }
        critical("auto_tie_breaker needs wait_for_all in an odd sized cluster, auto_tie_breaker is disabled");
        s_.tie_breaker = {};
        return true;
    }
    // Rows 8 to 10.
    bool device_combinations() {
        if (!s_.device_configured) return true;
        if (s_.last_man_standing && !disable_device("quorum.device is not compatible with last_man_standing")) {
            return false;
        }
        if (tie_breaker() && !disable_device("quorum.device is not compatible with auto_tie_breaker")) return false;
        return !s_.allow_downscale || disable_device("quorum.device is not compatible with allow_downscale");
    }
    // Rows 11 to 14.
    bool device_votes() {
        const std::uint32_t votes = s_.device_votes.value_or(0);
        if (s_.device_configured && !s_.device_votes) return implied_device_votes();
        if (votes == 0 || !keys_.expected_votes) return true;
        if (std::int64_t{*keys_.expected_votes} - votes >= 2) return true;
        return disable_device("quorum.device.votes is too high or expected_votes is too low");
    }
    bool implied_device_votes() {
        if (keys_.expected_votes) {
            return disable_device("quorum.device.votes must be specified when quorum.expected_votes is set");
        }
        if (sum_ != keys_.nodelist->nodes) {
            return disable_device("quorum.device.votes must be specified when not all nodes votes 1");
        }
        s_.device_votes = sum_ == 0 ? 0 : sum_ - 1;
        sum_ += *s_.device_votes;
        return true;
    }

    // Section 2.3 as far as it does not depend on the past.
    void results() {
        s_.votes = keys_.nodelist ? keys_.nodelist->own_votes : keys_.votes.value_or(1);
        s_.listed_votes = keys_.nodelist ? std::optional(sum_) : std::nullopt;
        s_.expected_votes = keys_.expected_votes.value_or(0);
    }

    bool tie_breaker() const { return s_.tie_breaker.type != TieBreaker::Type::none; }

    const Keys& keys_;
    const bool runtime_, device_registered_;
    Settings s_;
    std::uint32_t sum_ = 0;  // of the node list's votes
    Reading out_;
};

}  // namespace

Reading read(const Keys& keys) {
    return Pass(keys, nullptr, false).run();
}

Reading reread(const Keys& keys, const Settings& current, bool device_registered) {
    Reading out = Pass(keys, &current, device_registered).run();
    if (out.failure) out.settings = current;
    return out;
}

}  // namespace vote
