// The input is a sequence of executive messages of cmap and cfg, synchronisation hooks, and requests of clients for
// the map and for the node's administration.

#include <array>
#include <boost/asio/io_context.hpp>

#include "engine/ipc/cfg_frontend.hpp"
#include "engine/ipc/cmap_frontend.hpp"
#include "engine/ipc/cmap_messages.hpp"
#include "engine/services/cmap/config_version_service.hpp"
#include "tests/fuzz/exec_sender.hpp"
#include "tests/fuzz/ipc_clients.hpp"

using namespace engine;
using namespace totem::fuzz;

namespace {

constexpr std::size_t kMaxEvents = 500;

// Three nodes, one of them away.
class Node final : public ipc::CfgNode {
public:
    std::vector<Ring> rings() const override { return {{"0 10.77.0.1", "OK"}}; }
    std::vector<totem::NodeAddress> addresses(NodeId node) const override {
        if (node < 1 || node > 3) return {};
        totem::NodeAddress address{node};
        address.family = 2;
        return {address};
    }
    Status status(NodeId node) const override {
        if (node < 1 || node > 3) return {};
        return {.reachable = node < 3, .link = Link{node < 3, 1456, "10.77.0.1"}};
    }
    bool joined(NodeId node) const override { return node == 1 || node == 2; }
    std::chrono::milliseconds shutdown_timeout() const override { return std::chrono::milliseconds(5000); }
    ipc::CsError reopen_logs() override { return ipc::kCsOk; }
};

class Statistics final : public cmap::Statistics {
public:
    std::optional<cmap::Value> get(std::string_view key) const override {
        if (!key.starts_with("stats.")) return std::nullopt;
        return cmap::Value(std::uint64_t{key.size()});
    }
    std::vector<Entry> list(std::string_view prefix) const override {
        const std::string key = "stats.srp.mtt_rx_token";
        if (!key.starts_with(prefix)) return {};
        return {{key, cmap::Type::u64, 8}};
    }
    bool clear(std::string_view key) override { return key == "stats.clear.all"; }
};

class NoGate final : public ipc::Gate {
public:
    std::size_t size_limit() const override { return 1048576; }
    std::size_t reserve(std::size_t size) override { return size; }
    void release(std::size_t) override {}
    totem::pg::QueueLevel queue_level() override { return totem::pg::QueueLevel::low; }
};

class Session final : cfg::CfgEvents, cmap::ConfigVersionEvents {
public:
    explicit Session(Input& input)
        : in_(input),
          order_(in_.order()),
          dialect_(in_.flag() ? totem::Dialect::v2 : totem::Dialect::v3),
          cfg_sender_(kCfgService, 5, dialect_, order_),
          cmap_sender_(kCmapService, 1, dialect_, order_) {}

    void run() {
        for (std::size_t i = 0; i < kMaxEvents && !in_.done(); ++i)
            event();
        io_.poll();
    }

private:
    void event() {
        switch (in_.below(12)) {
            case 0:
                return RecordingSender::deliver_raw(service(), in_);
            case 1:
                return service_sender().deliver_bent(service(), in_, in_.below(6), in_.bytes());
            case 2:
                return service_sender().deliver_own(service(), in_);
            case 3:
                return cmap_clients_.connect_or_leave(in_);
            case 4:
                return cfg_clients_.connect_or_leave(in_);
            case 5:
                return cfg_clients_.request(in_);
            case 6:
                return cmap_clients_.request(in_);
            case 7:
            case 8:
                return cmap_clients_.request(in_,
                                             [this](std::uint32_t id, Buffer& message) { known_key(id, message); });
            case 9:
                return sync_.step(version_, in_, {});
            case 10:
                cfg_sender_.full = !cfg_sender_.full;
                io_.poll();
                return;
            default:
                cmap_frontend_.check_statistics();
        }
    }

    Service& service() {
        cfg_is_next_ = !cfg_is_next_;
        if (cfg_is_next_) return cfg_;
        return version_;
    }
    RecordingSender& service_sender() { return cfg_is_next_ ? cmap_sender_ : cfg_sender_; }

    // Names that meet each other; what follows the name is the input's.
    void known_key(std::uint32_t id, Buffer& message) {
        static constexpr std::array<std::string_view, 6> keys = {"a.one", "a.two",           "totem.version",
                                                                 "",      "stats.clear.all", "stats.srp."};
        if (id != ipc::cmap_wire::kIterationNext && id != ipc::cmap_wire::kIterationFinalize &&
            id != ipc::cmap_wire::kTrackDelete && message.size() > sizeof(ipc::cmap_wire::KeyRequest)) {
            const std::string_view key = keys[in_.u8() % keys.size()];
            ipc::cmap_wire::KeyName name;
            name.length = static_cast<std::uint16_t>(key.size());
            std::copy(key.begin(), key.end(), name.value.begin());
            std::memcpy(message.data() + sizeof(ipc::RequestHeader), &name, sizeof name);
        }
        const totem::Bytes rest = in_.bytes();
        const std::size_t fixed = std::min(message.size(), sizeof(ipc::cmap_wire::KeyRequest));
        message.resize(std::max(message.size(), fixed + rest.size()));
        std::copy(rest.begin(), rest.end(), message.begin() + static_cast<std::ptrdiff_t>(fixed));
    }

    void killed(NodeId, std::string_view reason) override { FUZZ_CHECK(reason.size() < 256); }
    void shut_down(NodeId) override {}
    void reload_requested(NodeId, std::uint64_t token) override { cfg_frontend_.reloaded(token, ipc::kCsOk); }
    void ring_reenable_requested(NodeId, std::uint64_t token) override { cfg_frontend_.rings_reenabled(token); }
    void crypto_reconfiguration(cfg::CryptoPhase) override {}
    void member_config_version(NodeId, std::uint64_t) override {}
    void config_version_mismatch(std::uint64_t theirs, std::uint64_t ours) override { FUZZ_CHECK(theirs > ours); }

    Input& in_;
    const totem::ByteOrder order_;
    const totem::Dialect dialect_;
    boost::asio::io_context io_;
    NoGate gate_;
    Node node_;
    Statistics statistics_;
    cmap::Map map_;
    RecordingSender cfg_sender_, cmap_sender_;
    cfg::CfgService cfg_{cfg_sender_, *this};
    cmap::ConfigVersionService version_{cmap_sender_, *this, 3};
    ipc::CfgFrontend cfg_frontend_{io_, gate_, cfg_, cfg_sender_, node_};
    ipc::CmapFrontend cmap_frontend_{map_, &statistics_};
    Clients cfg_clients_{cfg_frontend_}, cmap_clients_{cmap_frontend_};
    Synchronisation sync_;
    bool cfg_is_next_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    Session(input).run();
    return 0;
}
