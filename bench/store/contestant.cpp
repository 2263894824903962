#include "bench/store/contestant.hpp"

#include <algorithm>

namespace bench {
namespace {

std::unique_ptr<lab::Lab> make_lab(const Kind& kind, unsigned nodes, lab::Transport transport) {
    lab::Plan plan;
    plan.nodes.assign(std::max(nodes, 1u), kind.engine.value_or(lab::DaemonKind::totemd));
    plan.transport = transport;
    plan.totem.emplace("config_version", "1");
    auto out = std::make_unique<lab::Lab>(lab::Lab::create(plan));
    if (!kind.engine) return out;
    out->start(out->all());
    out->wait_ring(out->all());
    return out;
}

}  // namespace

std::vector<Kind> kinds(unsigned nodes) {
    using lab::DaemonKind;
    using lab::StoreKind;
    std::vector<Kind> out = {{"cfsd over totemd", DaemonKind::totemd}, {"cfsd over corosync", DaemonKind::corosync}};
    if (nodes == 0) out = {{"cfsd", std::nullopt}};
    if (!lab::missing_store(StoreKind::pmxcfs5).empty()) return out;
    if (nodes == 0)
        out.push_back({"pmxcfs", std::nullopt, StoreKind::pmxcfs5});
    else
        out.push_back({"pmxcfs over corosync", DaemonKind::corosync, StoreKind::pmxcfs5});
    return out;
}

Contestant::Contestant(const Kind& kind, unsigned nodes, lab::Transport transport)
    : kind_(kind), lab_(make_lab(kind, nodes, transport)), stores_(std::make_unique<lab::StoreNodes>(*lab_)) {
    lab::Arguments options;
    if (!kind.engine) options.emplace_back("-l");
    for (const auto node : lab_->all()) {
        stores_->use(node, kind.store);
        stores_->start(node, options);
    }
    if (kind.engine)
        stores_->wait_writable(lab_->all());
    else
        stores_->wait_mounted(1);
}

}  // namespace bench
