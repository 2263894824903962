#include "cfs/replica/status/status.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

namespace cfs::replica {
namespace {

constexpr std::string_view kRrd = "rrd/";
constexpr std::string_view kAddress = "nodeip";
constexpr std::size_t kLongestAddress = 256;
constexpr std::uint8_t kLeastImportant = 7;

Buffer with_nul(std::string_view text) {
    Buffer bytes(text.begin(), text.end());
    bytes.push_back(0);
    return bytes;
}

}  // namespace

Status::Status(Identity identity, const Settings& settings, StatusObserver& observer)
    : identity_(std::move(identity)),
      largest_value_(settings.limits.value_size),
      era_(settings.era),
      observer_(observer),
      log_(identity_.node),
      keys_(settings.era),
      own_address_(identity_.address) {}

// --- inputs -----------------------------------------------------------------------------------------------------

void Status::set_cluster(ClusterInfo info) {
    observer_.report(Severity::notice,
                     fmt::format("update cluster info (cluster name  {}, version = {})", info.name, info.version));
    cluster_ = std::move(info);
    ++info_version_;
    keys_.keep_only([this](std::uint32_t node) { return node == kThisNode || knows(node); });
    std::erase_if(addresses_, [this](const auto& entry) { return !knows(entry.first); });
}

void Status::set_quorate(bool quorate) {
    if (std::exchange(quorate_, quorate) == quorate) return;
    observer_.report(Severity::notice, quorate ? "node has quorum" : "node lost quorum");
}

int Status::set(Sender* others, Now now, const std::string& key, Bytes value) {
    if (key.size() >= kKeySize) return -EINVAL;
    if (value.size() > largest_value_) return -EFBIG;
    // What can't be stored here goes out all the same, as upstream does it.
    const int result = store(kThisNode, now, key, value);
    if (others != nullptr) send_key(*others, now, key, value);
    return result;
}

int Status::store(std::uint32_t node, Now now, const std::string& key, Bytes value) {
    if (value.size() > largest_value_) return -EFBIG;
    if (key.starts_with(kRrd)) return measurements_.set(now.instant, key.substr(kRrd.size()), value) ? 0 : -ENOMEM;
    if (key == kAddress) {
        auto text = terminated_text(value);
        if (!text || text->size() >= kLongestAddress) return -EINVAL;
        set_address(node, std::move(*text));
        return 0;
    }
    keys_.set(node, key, value);
    return 0;
}

void Status::set_address(std::uint32_t node, std::string address) {
    std::string& known = node == kThisNode ? own_address_ : addresses_[node];
    if (known == address) return;
    known = std::move(address);
    ++info_version_;
}

void Status::log(Sender* others, Now now, const ClusterLog::Text& text) {
    if (text.priority > kLeastImportant) return;
    const LogEntry entry = log_.add(now.seconds, text);
    if (others != nullptr) others->send(now, static_cast<std::uint16_t>(StatusSubtype::log), encode(entry));
}

void Status::send_key(Sender& others, Now now, const std::string& key, Bytes value) {
    others.send(now, static_cast<std::uint16_t>(StatusSubtype::update), encode(KeyMessage{key, value}));
}

// --- looking ----------------------------------------------------------------------------------------------------

bool Status::knows(std::uint32_t node) const {
    return cluster_ && std::ranges::find(cluster_->nodes, node, &ClusterInfo::Node::id) != cluster_->nodes.end();
}

const NodeKeys::Value* Status::get(std::string_view node, std::string_view key) const {
    if (node.empty() || node == identity_.node) return keys_.find(kThisNode, key);
    if (!cluster_) return nullptr;
    const auto found = std::ranges::find(cluster_->nodes, node, &ClusterInfo::Node::name);
    return found == cluster_->nodes.end() ? nullptr : keys_.find(found->id, key);
}

const std::string* Status::address(const ClusterInfo::Node& node) const {
    if (node.name == identity_.node) return own_address_.empty() ? nullptr : &own_address_;
    const auto found = addresses_.find(node.id);
    return found == addresses_.end() ? nullptr : &found->second;
}

std::string Status::members_text() const {
    if (!cluster_) return views::members(identity_.node, info_version_, std::nullopt);
    views::Cluster cluster{cluster_->name, cluster_->version, quorate_, {}};
    for (const ClusterInfo::Node& node : cluster_->nodes) {
        std::optional<std::string> ip;
        if (const std::string* const known = address(node)) ip = *known;
        cluster.members.push_back({node.name, node.id, online_.contains(node.id), std::move(ip)});
    }
    return views::members(identity_.node, info_version_, cluster);
}

std::vector<views::NodeVersions> Status::key_versions() const {
    std::vector<views::NodeVersions> all;
    const auto add = [&](const std::string& name, const NodeKeys::Values& values) {
        views::NodeVersions& node = all.emplace_back(views::NodeVersions{name, {}});
        for (const auto& [key, value] : values)
            node.keys.emplace(key, value.version);
    };
    add(identity_.node, keys_.of(kThisNode));
    if (!cluster_) return all;
    for (const ClusterInfo::Node& node : cluster_->nodes) {
        const NodeKeys::Values& values = keys_.of(node.id);
        if (node.name != identity_.node && !values.empty()) add(node.name, values);
    }
    return all;
}

// --- the group --------------------------------------------------------------------------------------------------

// Nobody leaves for a bad message; our own were applied before they were sent.
Delivered Status::deliver(Group&, Now now, const Delivery& delivery) {
    if (delivery.own) return {};
    switch (static_cast<StatusSubtype>(delivery.subtype)) {
        case StatusSubtype::update:
            received_key(now, delivery);
            break;
        case StatusSubtype::log:
            received_log(delivery);
            break;
        default:
            observer_.report(Severity::critical, fmt::format("received unknown message type {}", delivery.subtype));
    }
    return {};
}

void Status::received_key(Now now, const Delivery& delivery) {
    const auto message = decode_key(delivery.payload);
    if (!message) {
        if (!message.problem().empty()) observer_.report(Severity::critical, message.problem());
        return observer_.report(Severity::critical, "cant parse update message");
    }
    if (knows(delivery.sender.nodeid)) (void)store(delivery.sender.nodeid, now, message->key, message->value);
}

void Status::received_log(const Delivery& delivery) {
    observer_.report(Severity::notice, "received log");
    const auto entry = decode_log(delivery.payload);
    if (!entry) return observer_.report(Severity::critical, entry.problem());
    if (!log_.insert(*entry))
        observer_.report(Severity::notice,
                         era_ == Era::p5 ? "ignore duplicate" : "ignore insert of duplicate cluster log");
}

bool Status::examine(Group& group, Now now, std::span<MemberState> states) {
    std::vector<LogRing> rings;
    for (MemberState& state : states) {
        state.synced = true;
        if (state.id == group.self()) {
            rings.push_back(log_.ring());
        } else if (auto ring = LogRing::of(state.state)) {
            rings.push_back(std::move(*ring));
        } else {
            observer_.report(Severity::critical, fmt::format("received log with wrong size {}", state.state.size()));
        }
    }
    log_.merge(rings);
    for (const auto& [key, value] : keys_.of(kThisNode))
        send_key(group, now, key, value.bytes);
    return true;
}

void Status::synced(Group& group, Now now) {
    if (!own_address_.empty()) send_key(group, now, std::string(kAddress), with_nul(own_address_));
}

void Status::members_changed(Group&, Now, std::span<const MemberId> members) {
    online_.clear();
    for (const MemberId member : members)
        online_.insert(member.nodeid);
    ++info_version_;
}

}  // namespace cfs::replica
