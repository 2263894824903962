#include "engine/daemon/dialect_listener.hpp"

#include <boost/asio/io_context.hpp>

#include "engine/daemon/node_plan.hpp"
#include "totem/crypto/suite.hpp"
#include "totem/net/transport.hpp"

namespace engine {
namespace {

class DialectListener final : private totem::net::Listener {
public:
    explicit DialectListener(const config::ClusterConfig& config)
        : transport_(io_, plan_transport(config, 0), totem::crypto::make_plain_suite(totem::Dialect::v3), *this) {}

    std::optional<HeardDialect> run(totem::Duration limit) {
        transport_.start();
        io_.run_for(limit);
        transport_.close();
        return heard_;
    }

private:
    void datagram(totem::Bytes message) override {
        const auto dialect = totem::crypto::dialect_of(message);
        if (!dialect) return;
        heard_ = HeardDialect{*dialect, transport_.current_sender()};
        io_.stop();
    }
    void interface_up(const totem::net::HostAddress&) override {}
    void interface_down() override { io_.stop(); }
    void refused(totem::net::Refusal, const totem::NodeAddress&, totem::Bytes) override {}
    // Who starts for good meets the same trouble, and says so.
    void trouble(std::string_view) override {}
    void failed(std::string_view) override { io_.stop(); }

    boost::asio::io_context io_;
    totem::net::Transport transport_;
    std::optional<HeardDialect> heard_;
};

}  // namespace

std::optional<HeardDialect> hear_dialect(const config::ClusterConfig& config, totem::Duration limit) {
    return DialectListener(config).run(limit);
}

}  // namespace engine
