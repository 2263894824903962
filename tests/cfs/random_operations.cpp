#include "tests/cfs/random_operations.hpp"

#include <array>

namespace cfs::test {

std::string RandomOperations::path() {
    static constexpr std::array<const char*, 24> kPaths{"a",
                                                        "b",
                                                        "dir",
                                                        "dir/a",
                                                        "dir/b",
                                                        "dir/deep",
                                                        "dir/deep/a",
                                                        "user.cfg",
                                                        "corosync.conf",
                                                        "priv",
                                                        "priv/lock",
                                                        "priv/lock/x",
                                                        "priv/lock/y",
                                                        "nodes",
                                                        "nodes/n1",
                                                        "nodes/n2",
                                                        "nodes/n1/qemu-server",
                                                        "nodes/n1/lxc",
                                                        "nodes/n2/lxc",
                                                        "nodes/n1/qemu-server/100.conf",
                                                        "nodes/n1/lxc/100.conf",
                                                        "nodes/n2/lxc/100.conf",
                                                        "nodes/n2/lxc/101.conf",
                                                        "caf\xc3\xa9 name"};
    return kPaths.at(below(kPaths.size()));
}

Operation RandomOperations::operation() {
    const std::uint64_t choice = below(20);
    if (choice < 5) return Operation::make_directory(path());
    if (choice < 9) return Operation::create(path());
    if (choice < 13) {
        std::vector<std::uint8_t> data(below(3) == 0 ? below(9000) : below(40));
        for (auto& byte : data)
            byte = static_cast<std::uint8_t>(random_());
        return Operation::write(path(), std::move(data), below(3) == 0 ? below(600) : 0, below(3) == 0);
    }
    if (choice < 14) return Operation::truncated(path(), below(2) == 0 ? 0 : below(600));
    if (choice < 16) return Operation::remove(path());
    if (choice < 18) return Operation::rename(path(), path());
    return Operation::set_mtime(path(), static_cast<std::uint32_t>(below(2) == 0 ? 0 : time_ + below(100)));
}

Stamp RandomOperations::stamp() {
    time_ += below(3);
    return {static_cast<std::uint32_t>(1 + below(2)), static_cast<std::uint32_t>(time_), time_};
}

}  // namespace cfs::test
