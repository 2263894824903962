#pragma once
// What the three modes differ in. The machine they are part of (redundancy.hpp) keeps what they share: which networks
// are faulty, their status and the ring tests.

#include <memory>

#include "totem/rrp/redundancy.hpp"

namespace totem::rrp {

class Algorithm {
public:
    explicit Algorithm(Redundancy& machine) : machine_(machine) {}
    virtual ~Algorithm() = default;
    Algorithm(const Algorithm&) = delete;
    Algorithm& operator=(const Algorithm&) = delete;

    // Bits of the networks that the next packet of this kind leaves through; at least one.
    virtual unsigned networks_for_token() = 0;
    virtual unsigned networks_for_multicast() = 0;
    // Each passes `packet` up now, later or never.
    virtual void token(Instant now, unsigned network, Bytes packet) = 0;
    virtual void other(Instant now, unsigned network, Bytes packet) = 0;
    virtual void on_timeout(Instant) {}
    virtual Instant next_timeout() const { return kNever; }
    // The network is not faulty any more.
    virtual void reenabled(unsigned /*network*/) {}

protected:
    // The inside of the machine that a mode may use.
    const Config& config() const { return machine_.config_; }
    const wire::Codec& codec() const { return machine_.codec_; }
    unsigned count() const { return machine_.config_.networks; }
    bool faulty(unsigned network) const { return machine_.links_[network].faulty; }
    unsigned faulty() const;  // as bits
    unsigned usable() const;  // bits of the networks that are not faulty; network 0's if all are
    void mark_faulty(Instant now, unsigned network, const Status& status) {
        machine_.mark_faulty(now, network, status);
    }
    void tell(unsigned network, const Status& status) { machine_.tell(network, status); }
    void drain_others(unsigned network) { machine_.drain_others(network); }
    FrameRef keep(Bytes packet) { return machine_.pool_.copy(packet); }
    void pass_up(Bytes packet) { machine_.upper_.packet(packet); }

private:
    Redundancy& machine_;
};

std::unique_ptr<Algorithm> make_single(Redundancy& machine);
std::unique_ptr<Algorithm> make_passive(Redundancy& machine);
std::unique_ptr<Algorithm> make_active(Redundancy& machine);

}  // namespace totem::rrp
