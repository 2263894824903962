// The input is a sequence of requests of CPG's clients, whose messages come back in order, and of the ring's changes.

#include "engine/ipc/cpg_frontend.hpp"
#include "engine/services/cpg/messages.hpp"
#include "tests/fuzz/exec_sender.hpp"
#include "tests/fuzz/ipc_clients.hpp"

using namespace engine;
using namespace totem::fuzz;

namespace {

constexpr std::size_t kMaxEvents = 500;

class Session {
public:
    explicit Session(Input& input)
        : in_(input),
          sender_(kCpgService, cpg::kFunctionCount, in_.flag() ? totem::Dialect::v2 : totem::Dialect::v3, in_.order()) {
        frontend_.attach(service_, sender_);
    }

    void run() {
        for (std::size_t i = 0; i < kMaxEvents && !in_.done(); ++i)
            event();
    }

private:
    void event() {
        switch (in_.below(6)) {
            case 0:
                return clients_.connect_or_leave(in_);
            case 1:
            case 2:
                return clients_.request(in_);
            case 3:
                return sender_.deliver_own(service_, in_);
            case 4:
                return sync_.step(service_, in_, {});
            default:
                sender_.full = !sender_.full;
        }
    }

    Input& in_;
    RecordingSender sender_;
    ipc::CpgFrontend frontend_;
    cpg::CpgService service_{sender_, frontend_};
    Clients clients_{frontend_};
    Synchronisation sync_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    Session(input).run();
    return 0;
}
