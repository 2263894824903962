#pragma once
// The last token visits, for the averages of totem-srp.md section 23.

#include <array>
#include <chrono>
#include <cstdint>

#include "totem/base/time.hpp"
#include "totem/srp/statistics.hpp"

namespace totem::srp {

class TokenHistory {
public:
    void clear() { count_ = 0; }

    void received(Instant now, std::uint32_t backlog) {
        newest_ = (newest_ + 1) % kRecords;
        records_[newest_] = Record{now, now, backlog};
        if (count_ < kRecords) ++count_;
    }
    void sent(Instant now) {
        if (count_ > 0) records_[newest_].sent = now;
    }

    // Fills the averages; leaves them alone if there is no record.
    void average(Statistics& out) const {
        if (count_ == 0) return;
        Duration workload{0};
        std::uint64_t backlog = 0;
        for (std::size_t i = 0; i < count_; ++i) {
            const Record& record = records_[(newest_ + kRecords - i) % kRecords];
            workload += record.sent - record.arrived;
            backlog += record.backlog;
        }
        const Record& oldest = records_[(newest_ + kRecords - (count_ - 1)) % kRecords];
        const auto span = records_[newest_].arrived - oldest.arrived;
        out.mtt_rx_token = milliseconds(span) / static_cast<std::uint32_t>(count_);
        out.avg_token_workload = milliseconds(workload) / static_cast<std::uint32_t>(count_);
        out.avg_backlog_calc = static_cast<std::uint32_t>(backlog / count_);
    }

private:
    struct Record {
        Instant arrived, sent;
        std::uint32_t backlog;
    };
    static std::uint32_t milliseconds(Duration d) {
        return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
    }
    static constexpr std::size_t kRecords = 100;
    std::array<Record, kRecords> records_;
    std::size_t newest_ = 0, count_ = 0;
};

}  // namespace totem::srp
