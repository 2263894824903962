#include "pvecm/quorum/running.hpp"

#include <algorithm>

namespace pvecm::quorum {

Present present_of(const tools::quorumtool::Picture& picture, const Model& model) {
    constexpr std::uint32_t kVotes = VOTEQUORUM_INFO_QDEVICE_ALIVE | VOTEQUORUM_INFO_QDEVICE_CAST_VOTE;
    Present present{.quorate = picture.quorate, .expected = picture.info.highest_expected};
    for (const auto& row : picture.rows) {
        const auto known = [&](const Voter& voter) { return voter.id == row.nodeid; };
        if (!std::any_of(model.voters.begin(), model.voters.end(), known)) continue;
        present.up.push_back(row.nodeid);
        if (!row.info) continue;
        present.votes[row.nodeid] = row.info->node_votes;
        if ((row.info->flags & kVotes) == kVotes) present.device = true;
    }
    return present;
}

}  // namespace pvecm::quorum
