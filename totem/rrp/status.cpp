#include "totem/rrp/status.hpp"

namespace totem::rrp {
namespace {

std::string counted(std::string_view what, std::string_view interface, const Status& status) {
    return std::string(what) + " iface " + std::string(interface) + " to [" + std::to_string(status.count) + " of " +
           std::to_string(status.threshold) + "]";
}

std::string marked(std::string_view what, unsigned network, std::string_view interface) {
    return "Marking " + std::string(what) + "ringid " + std::to_string(network) + " interface " +
           std::string(interface) + " FAULTY";
}

// As a signed number: the seqid before the first token is -1.
std::string seqid(const Status& status) {
    return "seqid " + std::to_string(static_cast<std::int32_t>(status.token_seq));
}

}  // namespace

std::string describe(const Status& status, unsigned network, std::string_view interface) {
    switch (status.kind) {
        case Status::Kind::fine:
            break;
        case Status::Kind::marked_passive:
            return marked("", network, interface);
        case Status::Kind::marked_active:
            return marked(seqid(status) + " ", network, interface);
        case Status::Kind::incrementing:
            return counted("Incrementing problem counter for " + seqid(status), interface, status);
        case Status::Kind::decrementing:
            return counted("Decrementing problem counter for", interface, status);
    }
    return "ring " + std::to_string(network) + " active with no faults";
}

}  // namespace totem::rrp
