#include "cfs/check/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cfs/tree/paths.hpp"

namespace cfs::check {

namespace {

class Examination {
public:
    explicit Examination(const Rows& rows) : rows_(rows) {}

    Plan run() && {
        check_rows();
        check_root();
        check_names();
        check_places();
        check_guests();
        return std::move(plan_);
    }

private:
    std::string described(const RawRow& row) const {
        return fmt::format("inode = {:016X}, parent = {:016X}, name = '{}'", row.inode, row.parent, row.name);
    }

    void drop(Inode inode, std::string text) {
        plan_.findings.push_back({std::move(text), "the row is removed"});
        plan_.remove.push_back(inode);
        rows_.erase(inode);
    }

    void change(RawRow row, std::string text, std::string remedy) {
        plan_.findings.push_back({std::move(text), std::move(remedy)});
        rows_[row.inode] = row;
        plan_.put.push_back(std::move(row));
    }

    bool is_directory(const RawRow& row) const {
        return static_cast<std::uint8_t>(row.type) == static_cast<std::uint8_t>(Kind::directory);
    }

    // Each row by itself.
    void check_rows() {
        const Rows all = rows_;
        for (const auto& [inode, row] : all) {
            if (inode == kRootInode) continue;
            RawRow bare = row;
            if (is_directory(row)) bare.content.reset();
            Or<Entry> entry = entry_of(bare);
            if (!entry) {
                drop(inode, entry.text());
            } else if (!allowed_name(row.name) || row.name.find('/') != std::string::npos) {
                drop(inode, fmt::format("inode has a bad name ({})", described(row)));
            } else if (bare.content != row.content) {
                change(std::move(bare), fmt::format("directory inode contains data (inode = {:016X})", inode),
                       "the data is removed");
            }
        }
    }

    // The version of the root is at least that of each change it has seen.
    void check_root() {
        std::uint64_t version = rows_.empty() ? 0 : 1;
        std::uint64_t mtime = 0;
        for (const auto& [inode, row] : rows_) {
            if (inode == kRootInode) continue;
            version = std::max({version, inode, row.version});
            mtime = std::max<std::uint64_t>(mtime, static_cast<std::uint32_t>(row.mtime));
        }
        const auto found = rows_.find(kRootInode);
        if (found == rows_.end()) {
            if (version == 0) return;  // an empty database: the daemon makes the row
            RawRow row{kRootInode, kRootInode, version, 0, mtime, kVersionRowTypeLocal, std::string(kVersionRowName),
                       {}};
            change(std::move(row), "the row with the version of the root is missing",
                   fmt::format("it gets the highest version there is, {}", version));
            return;
        }
        RawRow row = found->second;
        const auto type = static_cast<std::uint8_t>(row.type);
        if (row.name != kVersionRowName || row.content ||
            (type != kVersionRowTypeLocal && type != kVersionRowTypeSync)) {
            const std::string text = fmt::format("root inode has unexpected name '{}', type or data", row.name);
            row.name = kVersionRowName;
            row.type = kVersionRowTypeLocal;
            row.content.reset();
            change(row, text, "they become what they have to be");
        }
        if (row.version < version) {
            const std::string text =
                fmt::format("the root has version {}, but there are changes of version {}", row.version, version);
            row.version = version;
            change(row, text, "the root gets that version");
        }
    }

    // Of several rows with one name in a directory the last changed one stays.
    void check_names() {
        std::map<std::pair<Inode, std::string>, Inode> names;
        const Rows all = rows_;
        for (const auto& [inode, row] : all) {
            if (inode == kRootInode) continue;
            const auto [other, first] = names.try_emplace({row.parent, row.name}, inode);
            if (first) continue;
            const RawRow& earlier = all.at(other->second);
            const RawRow& loser = earlier.version > row.version ? row : earlier;
            other->second = &loser == &row ? earlier.inode : inode;
            drop(loser.inode, fmt::format("found entry with duplicate name ({}), kept is inode {:016X}",
                                          described(loser), other->second));
        }
    }

    // Every row has to hang below the root, by directories.
    void check_places() {
        std::map<Inode, std::vector<Inode>> inside;
        for (const auto& [inode, row] : rows_) {
            if (inode != kRootInode) inside[row.parent].push_back(inode);
        }
        std::set<Inode> reached{kRootInode};
        std::vector<Inode> open{kRootInode};
        while (!open.empty()) {
            const Inode directory = open.back();
            open.pop_back();
            for (const Inode inode : inside[directory]) {
                if (!reached.insert(inode).second) continue;
                if (is_directory(rows_.at(inode))) open.push_back(inode);
            }
        }
        const Rows all = rows_;
        for (const auto& [inode, row] : all) {
            if (!reached.contains(inode)) drop(inode, why_unreached(all, row));
        }
    }

    std::string why_unreached(const Rows& all, const RawRow& row) const {
        const auto parent = all.find(row.parent);
        if (parent == all.end()) return fmt::format("missing directory inode of ({})", described(row));
        if (!is_directory(parent->second)) return fmt::format("parent is not a directory ({})", described(row));
        return fmt::format("inode is not below the root ({})", described(row));
    }

    // Of several configurations of one guest the last changed one stays.
    void check_guests() {
        std::map<std::uint32_t, Inode> guests;
        const Rows all = rows_;
        for (const auto& [inode, row] : all) {
            if (inode == kRootInode) continue;
            const std::string path = path_of(all, row);
            const auto guest = guest_path(path);
            if (!guest || is_directory(row)) continue;
            const auto [other, first] = guests.try_emplace(guest->id, inode);
            if (first) continue;
            const RawRow& earlier = all.at(other->second);
            const RawRow& loser = earlier.version > row.version ? row : earlier;
            other->second = &loser == &row ? earlier.inode : inode;
            drop(loser.inode, fmt::format("detected duplicate VMID {} ('{}', kept is '{}')", guest->id,
                                          path_of(all, loser), path_of(all, all.at(other->second))));
        }
    }

    static std::string path_of(const Rows& rows, const RawRow& row) {
        std::string path = row.name;
        for (Inode parent = row.parent; parent != kRootInode;) {
            const RawRow& directory = rows.at(parent);
            path.insert(0, directory.name + '/');
            parent = directory.parent;
        }
        return path;
    }

    Rows rows_;
    Plan plan_;
};

}  // namespace

Plan examine(const Rows& rows) {
    return Examination(rows).run();
}

Rows carried_out(Rows rows, const Plan& plan) {
    for (const RawRow& row : plan.put)
        rows[row.inode] = row;
    for (const Inode inode : plan.remove)
        rows.erase(inode);
    return rows;
}

}  // namespace cfs::check
