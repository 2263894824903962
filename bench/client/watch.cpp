#include "bench/client/watch.hpp"

#include "bench/client/participant.hpp"

#include <iostream>

namespace bench {
namespace {

void on_ring(cpg_handle_t, cpg_ring_id, std::uint32_t count, const std::uint32_t* members) {
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch());
    const nlohmann::json line = {{"at_ns", now.count()},
                                 {"members", std::vector<std::uint32_t>(members, members + count)}};
    std::cout << line.dump() << std::endl;
}
void ignore_message(cpg_handle_t, const cpg_name*, std::uint32_t, std::uint32_t, void*, std::size_t) {}
void ignore_group(cpg_handle_t, const cpg_name*, const cpg_address*, std::size_t, const cpg_address*, std::size_t,
                  const cpg_address*, std::size_t) {}

}  // namespace

void watch() {
    constexpr int kRetry = 5, kRetries = 60'000 / kRetry;  // milliseconds; engines take a while to start
    cpg_model_v1_data_t model{CPG_MODEL_V1, ignore_message, ignore_group, on_ring,
                              CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF};
    cpg_handle_t handle = 0;
    auto* data = reinterpret_cast<cpg_model_data_t*>(&model);
    cs_error_t error = CS_OK;
    for (int i = 0; (error = cpg_model_initialize(&handle, CPG_MODEL_V1, data, nullptr)) != CS_OK; ++i) {
        if (i == kRetries) check(error, "cpg_model_initialize");
        wait_milliseconds(kRetry);
    }
    const cpg_name name = group_name("bench-watch");
    while ((error = cpg_join(handle, &name)) == CS_ERR_TRY_AGAIN)
        wait_milliseconds(kRetry);
    if (error == CS_OK) cpg_dispatch(handle, CS_DISPATCH_BLOCKING);
    cpg_finalize(handle);
}

}  // namespace bench
