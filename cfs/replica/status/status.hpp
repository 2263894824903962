#pragma once
// The status of the nodes as an application of the replication engine: group pve_kvstore_v1 (pmxcfs-wire.md section 6,
// pmxcfs.md 11.2, 11.4, 13). Needs no quorum.

#include <set>

#include "cfs/replica/clusterlog/cluster_log.hpp"
#include "cfs/replica/engine/engine.hpp"
#include "cfs/replica/status/keys.hpp"
#include "cfs/views/views.hpp"

namespace cfs::replica {

// What cmap says about the cluster (pmxcfs.md 15.3).
struct ClusterInfo {
    struct Node {
        std::uint32_t id = 0;
        std::string name;
        bool operator==(const Node&) const = default;
    };
    std::string name;
    std::uint64_t version = 0;  // totem.config_version
    std::vector<Node> nodes;
};

class StatusObserver {
public:
    virtual ~StatusObserver() = default;
    virtual void report(Severity severity, std::string_view text) = 0;
};

class Status final : public Application {
public:
    static EngineSettings engine_settings() { return {.protocol_version = 0}; }

    struct Identity {
        std::string node;  // without its domain
        std::string address;
    };
    Status(Identity identity, const Settings& settings, StatusObserver& observer);

    // --- inputs --------------------------------------------------------------------------------------------------
    void set_cluster(ClusterInfo info);
    void set_quorate(bool quorate);
    // A client's key. 0 or a negative errno; the others hear of it through `others` if it is given.
    int set(Sender* others, Now now, const std::string& key, Bytes value);
    // A client's line. Priorities above 7 are ignored.
    void log(Sender* others, Now now, const ClusterLog::Text& text);

    // --- looking -------------------------------------------------------------------------------------------------
    // Of the node with this name, the own one for ""; null if node or key is unknown.
    const NodeKeys::Value* get(std::string_view node, std::string_view key) const;
    const NodeKeys::Values& keys(std::uint32_t node) const { return keys_.of(node); }
    const std::optional<ClusterInfo>& cluster() const { return cluster_; }
    std::uint64_t info_version() const { return info_version_; }  // "clinfo"
    bool quorate() const { return quorate_; }
    const ClusterLog& cluster_log() const { return log_; }
    std::string members_text() const;                       // .members
    std::vector<views::NodeVersions> key_versions() const;  // for .version: the own node, and others with keys
    std::string rrd_text(Now now) { return measurements_.text(now.instant); }

    // Application
    Delivered deliver(Group& group, Now now, const Delivery& delivery) override;
    std::optional<Buffer> state(Group&, Now) override { return log_.state(); }
    bool examine(Group& group, Now now, std::span<MemberState> states) override;
    bool update(Group&, Now, Bytes) override { return false; }
    bool commit(Group&, Now) override { return false; }
    void forget_sync() override {}
    void synced(Group& group, Now now) override;
    void members_changed(Group& group, Now now, std::span<const MemberId> members) override;
    Checksum checksum() const override { return {}; }

private:
    static constexpr std::uint32_t kThisNode = 0;  // under which own keys are kept: no node has this id

    int store(std::uint32_t node, Now now, const std::string& key, Bytes value);
    void set_address(std::uint32_t node, std::string address);
    const std::string* address(const ClusterInfo::Node& node) const;
    void received_key(Now now, const Delivery& delivery);
    void received_log(const Delivery& delivery);
    bool knows(std::uint32_t node) const;
    static void send_key(Sender& others, Now now, const std::string& key, Bytes value);

    const Identity identity_;
    const std::size_t largest_value_;
    const Era era_;
    StatusObserver& observer_;
    ClusterLog log_;
    NodeKeys keys_;
    Measurements measurements_;
    std::map<std::uint32_t, std::string> addresses_;
    std::string own_address_;
    std::optional<ClusterInfo> cluster_;
    std::set<std::uint32_t> online_;
    std::uint64_t info_version_ = 0;
    bool quorate_ = false;
};

}  // namespace cfs::replica
