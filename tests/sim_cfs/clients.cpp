#include "tests/sim_cfs/clients.hpp"

#include <fmt/format.h>

namespace totem::sim::store {
namespace {

using cfs::Operation;

constexpr const char* kLock = "priv/lock/L";

}  // namespace

cfs::Tree Clients::initial_tree(bool fresh, std::uint32_t machine) {
    cfs::Tree tree{cfs::Settings{}};
    const std::uint32_t writer = fresh ? 0 : 1;
    const std::uint32_t time = fresh ? 900 + machine : 500;
    const auto apply = [&](const Operation& operation) { (void)tree.apply(operation, {writer, time, time}); };
    apply(Operation::create("corosync.conf"));
    if (fresh) return tree;
    for (const char* path :
         {"priv", "priv/lock", "nodes", "nodes/n1", "nodes/n1/qemu-server", "nodes/n2", "nodes/n2/qemu-server"})
        apply(Operation::make_directory(path));
    return tree;
}

Operation Clients::random_operation() {
    const auto file = [this] { return fmt::format("f{}", rng_.below(5)); };
    const auto directory = [this] { return fmt::format("x{}", rng_.below(3)); };
    const auto guest = [this] {
        return fmt::format("nodes/n{}/qemu-server/{}.conf", rng_.range(1, 2), rng_.range(100, 102));
    };
    const auto any_file = [&] {
        const std::string names[] = {file(), guest(), directory() + "/" + file()};
        return names[rng_.below(3)];
    };
    // Names of files are never those of directories: as in upstream, a directory that takes the place of a guest's file
    // leaves the guest on this node's list, which no other node can know; a race of two clients can still do that.
    const bool directories = rng_.chance(0.3);
    const auto any = [&] { return directories ? directory() : any_file(); };
    switch (rng_.below(8)) {
        case 0:
            return Operation::create(any_file());
        case 1:
            return Operation::make_directory(directory());
        case 2:
            return Operation::remove(any());
        case 3:
            return Operation::rename(any(), any());
        case 4:
            return Operation::set_mtime(any(), static_cast<std::uint32_t>(rng_.below(2000)));
        case 5:
            return Operation::truncated(any_file(), rng_.below(300));
        default: {
            std::vector<std::uint8_t> data(rng_.below(200));
            for (std::uint8_t& byte : data)
                byte = static_cast<std::uint8_t>(rng_.next());
            return Operation::write(any_file(), std::move(data), rng_.below(100), rng_.chance(0.5));
        }
    }
}

void Clients::make_unique(Node& node) {
    const std::string name = fmt::format("only-{}-{}", machine_, ++made_);
    node.submit(Operation::make_directory(name), [this, &node, name](std::optional<std::int64_t> result) {
        if (result && *result >= 0) oracles_.acknowledged(node, name);
    });
}

void Clients::write_something(Node& node) {
    for (std::uint64_t left = rng_.range(1, 4); left > 0; --left) {
        if (rng_.chance(0.4))
            make_unique(node);
        else
            node.submit(random_operation(), [](std::optional<std::int64_t>) {});
    }
}

void Clients::use_lock(Node& node, Time now) {
    if (lock_ == Lock::held && now >= hold_until_) {
        lock_ = Lock::none;
        rest_until_ = now + rng_.range(0, 20 * kSecond);
        oracles_.lock_left(node);
        if (rng_.chance(0.7)) node.submit(Operation::remove(kLock), [](std::optional<std::int64_t>) {});
    }
    if (lock_ != Lock::none || now < rest_until_) return;
    lock_ = Lock::asked;
    node.submit(Operation::make_directory(kLock), [this, &node, now](std::optional<std::int64_t> result) {
        if (lock_ != Lock::asked) return;
        lock_ = result && *result == 0 ? Lock::held : Lock::none;
        if (lock_ == Lock::held) {
            hold_until_ = now + rng_.range(kSecond, 45 * kSecond);
            oracles_.lock_taken(node, now);
        } else {
            node.submit(Operation::set_mtime(kLock, 0), [](std::optional<std::int64_t>) {});
        }
    });
}

}  // namespace totem::sim::store
