// The input is rows of a configuration database, then operations on the tree they make. What does not load has to
// load after cfs-check's plan.

#include <algorithm>
#include <array>
#include <iterator>

#include "cfs/check/plan.hpp"
#include "cfs/tree/adopt.hpp"
#include "cfs/tree/loader.hpp"
#include "tests/fuzz/input.hpp"

using namespace cfs;
using totem::fuzz::Input;

namespace {

constexpr std::array<const char*, 16> kNames{"a",   "b",        "user.cfg", "nodes",      "n1",   "qemu-server",
                                             "lxc", "100.conf", "101.conf", "priv",       "lock", "x",
                                             "",    ".",        "a/b",      "__version__"};
constexpr std::array<const char*, 16> kPaths{"a",
                                             "a/b",
                                             "b",
                                             "user.cfg",
                                             "nodes",
                                             "nodes/n1",
                                             "nodes/n1/lxc",
                                             "nodes/n1/lxc/100.conf",
                                             "nodes/n1/qemu-server/100.conf",
                                             "nodes/n1/lxc/101.conf",
                                             "priv",
                                             "priv/lock",
                                             "priv/lock/x",
                                             "priv/lock/x/",
                                             "",
                                             "//a//b/"};

RawRow row(Input& in) {
    RawRow row;
    row.inode = in.u8();
    row.parent = in.u8();
    row.version = in.u8();
    row.writer = in.u8();
    row.mtime = in.u8();
    row.type = in.u8() % 8 == 0 ? in.u8() : in.flag() ? 4 : 8;
    row.name = kNames.at(in.below(kNames.size()));
    const std::vector<std::uint8_t> data(in.below(4) * 100, 'x');
    row.content = make_content(data);
    return row;
}

Operation operation(Input& in) {
    Operation out;
    out.type = static_cast<Operation::Type>(in.below(7));
    out.path = kPaths.at(in.below(kPaths.size()));
    out.to = kPaths.at(in.below(kPaths.size()));
    out.data.resize(in.u8() % 2 ? in.u8() : 0);
    out.offset = in.u8() % 16 == 0 ? in.u64() : in.u8();
    out.truncate = in.flag();
    out.mtime = in.u8();
    return out;
}

std::optional<Loaded> load(const check::Rows& rows) {
    Loader loader{Settings{}};
    for (const auto& [inode, row] : rows) {
        if (loader.add(row)) return std::nullopt;
    }
    Or<Loaded> loaded = loader.finish(1000);
    if (!loaded) return std::nullopt;
    return std::move(*loaded);
}

void check_promises(const Tree& tree) {
    std::uint64_t total = 0;
    for (const auto& [inode, entry] : tree.entries().all()) {
        total += entry.size;
        FUZZ_CHECK(inode <= tree.version());
        FUZZ_CHECK(entry.is_root() || tree.find(tree.entries().path(inode)) == &entry);
        FUZZ_CHECK(entry.is_directory() || tree.entries().names(inode).empty());
        FUZZ_CHECK(entry.data().empty() || entry.data().size() == entry.size);
    }
    FUZZ_CHECK(total == tree.entries().total_size());
    const Index index = tree.index();
    const auto decoded = Index::decode(index.encode());
    FUZZ_CHECK(decoded && *decoded == index);
}

void operate(Tree& tree, Input& in) {
    std::uint64_t now = 1000;
    while (!in.done()) {
        Operation next = operation(in);
        if (in.flag()) next.checksum = tree.lock_checksum(next.path).value_or(Digest{});
        const Precheck checked = tree.precheck(next);
        if (in.flag() && checked.verdict == Precheck::Verdict::send) next = checked.operation;
        const std::uint64_t before = tree.version();
        const Stamp stamp{in.below(3), in.u8(), now += in.u8()};
        const Outcome outcome = tree.apply(next, stamp);
        FUZZ_CHECK(tree.version() == before + (outcome.change.root_changed ? 1 : 0));
        FUZZ_CHECK(outcome.ok() || !outcome.change.root_changed);
        Events events;
        (void)tree.localized(next, now, events);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input in(data, size);
    check::Rows rows;
    for (std::uint32_t count = in.below(32); count > 0; --count) {
        RawRow next = row(in);
        rows[next.inode] = std::move(next);
    }
    auto loaded = load(rows);
    if (!loaded) loaded = load(check::carried_out(rows, check::examine(rows)));
    FUZZ_CHECK(loaded);
    Tree& tree = loaded->tree;
    const Tree start = tree;
    check_promises(tree);
    operate(tree, in);
    check_promises(tree);
    // Who was left behind gets there by a sync, unless delivered operations left two guests with one id.
    std::vector<Entry> all;
    std::ranges::transform(tree.entries().all(), std::back_inserter(all), [](const auto& item) { return item.second; });
    const auto adopted = adopt(start, tree.index(), all, 1);
    FUZZ_CHECK(!adopted || adopted->tree.database_checksum() == tree.database_checksum());
    FUZZ_CHECK(adopted || adopted.text().starts_with("detected duplicate VMID"));
    return 0;
}
