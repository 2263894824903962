#include "tools/quorumtool/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tools::quorumtool {
namespace {

constexpr std::array<std::pair<unsigned, const char*>, 7> flag_names = {{
    {VOTEQUORUM_INFO_TWONODE, "2Node"},
    {VOTEQUORUM_INFO_QUORATE, "Quorate"},
    {VOTEQUORUM_INFO_WAIT_FOR_ALL, "WaitForAll"},
    {VOTEQUORUM_INFO_LAST_MAN_STANDING, "LastManStanding"},
    {VOTEQUORUM_INFO_AUTO_TIE_BREAKER, "AutoTieBreaker"},
    {VOTEQUORUM_INFO_ALLOW_DOWNSCALE, "AllowDownscale"},
    {VOTEQUORUM_INFO_QDEVICE_REGISTERED, "Qdevice"},
}};

bool has(const votequorum_info& info, unsigned flag) {
    return (info.flags & flag) != 0;
}

const Row* with_device(const Picture& picture) {
    const auto found = std::find_if(picture.rows.begin(), picture.rows.end(), [](const Row& row) {
        return row.info && has(*row.info, VOTEQUORUM_INFO_QDEVICE_REGISTERED);
    });
    return found == picture.rows.end() ? nullptr : &*found;
}

std::string device_cell(const votequorum_info& info) {
    if (!has(info, VOTEQUORUM_INFO_QDEVICE_REGISTERED)) return "NR";
    return fmt::format("{},{},{}", has(info, VOTEQUORUM_INFO_QDEVICE_ALIVE) ? "A" : "NA",
                       has(info, VOTEQUORUM_INFO_QDEVICE_CAST_VOTE) ? "V" : "NV",
                       has(info, VOTEQUORUM_INFO_QDEVICE_MASTER_WINS) ? "MW" : "NMW");
}

std::string id_cell(std::uint32_t nodeid, const Settings& settings) {
    return settings.hexadecimal ? fmt::format("0x{:08x} ", nodeid) : fmt::format("{:>10} ", nodeid);
}

std::string row_text(const Row& row, const Picture& picture, const Settings& settings, bool device_column) {
    std::string text;
    if (picture.votequorum) {
        if (!row.info) return fmt::format("Unable to get node {} info\n", row.nodeid);
        text = id_cell(row.nodeid, settings) + fmt::format("{:>10} ", row.info->node_votes);
        if (device_column) text += fmt::format("{:>10} ", device_cell(*row.info));
    } else {
        text = id_cell(row.nodeid, settings);
    }
    return text + row.name + (row.local ? " (local)\n" : "\n");
}

std::string ring_text(const Picture& picture) {
    if (!picture.votequorum) {
        return picture.dialect_2x ? fmt::format("{}", picture.ring_seq) : fmt::format("{:x}", picture.ring_seq);
    }
    if (picture.dialect_2x) return fmt::format("{}/{}", static_cast<int>(picture.ring_node), picture.ring_seq);
    return fmt::format("{:x}.{:x}", picture.ring_node, picture.ring_seq);
}

std::string votes_text(const Picture& picture) {
    const votequorum_info& info = picture.info;
    std::string flags;
    for (const auto& [bit, name] : flag_names) {
        if (has(info, bit)) flags += fmt::format("{} ", name);
    }
    return fmt::format(
        "Votequorum information\n----------------------\nExpected votes:   {}\nHighest expected: {}\nTotal votes:      "
        "{}\nQuorum:           {} {}\nFlags:            {}\n\n",
        info.node_expected_votes, info.highest_expected, info.total_votes, info.quorum,
        picture.quorate ? " " : "Activity blocked", flags);
}

}  // namespace

std::string nodes_text(const Picture& picture, const Settings& settings) {
    const Row* device = with_device(picture);
    const bool device_column = picture.votequorum && (device != nullptr || settings.parsable);
    std::string text = "Membership information\n----------------------\n    Nodeid ";
    if (picture.votequorum) text += "     Votes ";
    if (device_column) text += "   Qdevice ";
    text += "Name\n";
    for (const Row& row : picture.rows)
        text += row_text(row, picture, settings, device_column);
    if (device == nullptr) return text;
    const bool cast = has(picture.info, VOTEQUORUM_INFO_QDEVICE_CAST_VOTE);
    text += id_cell(VOTEQUORUM_QDEVICE_NODEID, settings) +
            fmt::format("{:>10}            {}", cast ? picture.info.qdevice_votes : 0, &device->info->qdevice_name[0]);
    return text + (cast ? "\n" : fmt::format(" (votes {})\n", picture.info.qdevice_votes));
}

std::string status_text(const Picture& picture, const Settings& settings, std::time_t now) {
    std::array<char, 64> date{};
    ::ctime_r(&now, date.data());  // with its newline
    const std::string own =
        settings.hexadecimal ? fmt::format("0x{:08x}", picture.own) : fmt::format("{}", picture.own);
    return fmt::format(
               "Quorum information\n------------------\nDate:             {}Quorum provider:  {}\nNodes:            "
               "{}\nNode ID:          {}\nRing ID:          {}\nQuorate:          {}\n\n",
               date.data(), picture.provider.empty() ? "Not configured" : picture.provider, picture.rows.size(), own,
               ring_text(picture), picture.quorate ? "Yes" : "No") +
           (picture.votequorum ? votes_text(picture) : "") + nodes_text(picture, settings);
}

nlohmann::json json_of(const Picture& picture, std::time_t now) {
    using nlohmann::json;
    json result = {
        {"date", now},
        {"provider", picture.provider.empty() ? json() : json(picture.provider)},
        {"quorate", picture.quorate},
        {"nodeid", picture.own},
        {"ring", {{"nodeid", picture.votequorum ? json(picture.ring_node) : json()}, {"seq", picture.ring_seq}}},
        {"votequorum", nullptr},
        {"nodes", json::array()},
        {"qdevice", nullptr}};
    if (picture.votequorum) {
        json flags = json::array();
        for (const auto& [bit, name] : flag_names) {
            if (has(picture.info, bit)) flags.push_back(name);
        }
        result["votequorum"] = {{"expected_votes", picture.info.node_expected_votes},
                                {"highest_expected", picture.info.highest_expected},
                                {"total_votes", picture.info.total_votes},
                                {"quorum", picture.info.quorum},
                                {"flags", flags}};
    }
    for (const Row& row : picture.rows) {
        json node = {{"nodeid", row.nodeid}, {"name", row.name}, {"local", row.local}};
        node["votes"] = row.info ? json(row.info->node_votes) : json();
        node["qdevice"] = nullptr;
        if (row.info && has(*row.info, VOTEQUORUM_INFO_QDEVICE_REGISTERED)) {
            node["qdevice"] = {{"alive", has(*row.info, VOTEQUORUM_INFO_QDEVICE_ALIVE)},
                               {"cast_vote", has(*row.info, VOTEQUORUM_INFO_QDEVICE_CAST_VOTE)},
                               {"master_wins", has(*row.info, VOTEQUORUM_INFO_QDEVICE_MASTER_WINS)}};
        }
        result["nodes"].push_back(node);
    }
    if (const Row* device = with_device(picture)) {
        result["qdevice"] = {{"name", &device->info->qdevice_name[0]},
                             {"votes", picture.info.qdevice_votes},
                             {"cast", has(picture.info, VOTEQUORUM_INFO_QDEVICE_CAST_VOTE)}};
    }
    return result;
}

}  // namespace tools::quorumtool
