// What a configuration store has beyond POSIX: guests with one configuration each, and locks that are directories.
// pmxcfs.md sections 6 and 7.

#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <random>

#include "conformance/posix/checks.hpp"
#include "conformance/posix/processes.hpp"

namespace posix {
namespace {

// A number that no guest has.
unsigned free_guest() {
    std::random_device random;
    return 2'000'000'000U + random() % 1'000'000'000U;
}

std::string node_with_folders(Place& at) {
    const std::string node = at.elsewhere("nodes");
    make_directory(node + "/qemu-server");
    make_directory(node + "/lxc");
    return node;
}

void guests(Place& at) {
    const std::string one = node_with_folders(at), two = node_with_folders(at);
    const unsigned id = free_guest();
    const std::string machine = fmt::format("/qemu-server/{}.conf", id), container = fmt::format("/lxc/{}.conf", id);
    at.error("a configuration", put(one + machine, "memory: 512\n"), 0);
    at.is_true("is in .vmlist", get(at.root(".vmlist")).find(fmt::format("\"{}\": {{", id)) != std::string::npos);
    at.error("the same guest on another node", put(two + machine, ""), EEXIST);
    at.error("of another kind", put(one + container, ""), EEXIST);
    at.error("exclusively", open_error(two + container, O_RDWR | O_CREAT | O_EXCL), EEXIST);
    put(at / "new", "memory: 1024\n");
    at.error("renaming a file to it elsewhere", move(at / "new", two + machine), EEXIST);
    at.error("renaming a file over it", move(at / "new", one + machine), 0);
    at.error("moving it to another node", move(one + machine, two + machine), 0);
    at.error("and to another kind", move(two + machine, two + container), 0);
    at.content("the content", get(two + container), "memory: 1024\n");
    at.error("removing it", remove(two + container), 0);
    at.error("then it may be anywhere", put(one + machine, ""), 0);
}

void guest_names(Place& at) {
    const std::string node = node_with_folders(at), other = node_with_folders(at);
    const unsigned id = free_guest();
    at.error("a configuration", put(fmt::format("{}/qemu-server/{}.conf", node, id), ""), 0);
    for (const std::string form : {"0{}.conf", "{}.conf.tmp", "{}", "{}.CONF", "x{}.conf"})
        at.error(form, put(fmt::format("{}/qemu-server/{}", other, fmt::format(fmt::runtime(form), id)), ""), 0);
    at.error("another folder", put(fmt::format("{}/{}.conf", other, id), ""), 0);
    // Its removal would take the guest off the lists of a pmxcfs.
    at.error("a directory called so", make_directory(fmt::format("{}/lxc/{}.conf", node, id + 1)), EACCES);
    make_directory(at / "directory");
    at.error("renamed to it", move(at / "directory", fmt::format("{}/lxc/{}.conf", node, id + 1)), EACCES);
    remove_directory(other + "/lxc");
    at.error("a file where guests are", put(other + "/lxc", ""), EACCES);
    put(at / "file", "");
    at.error("renamed to there", move(at / "file", other + "/lxc"), EACCES);
}

void locks(Place& at) {
    const std::string lock = at.elsewhere("priv/lock");
    const auto now = std::time(nullptr);
    at.error("of somebody else", make_directory(lock), EEXIST);
    at.error("asking for it", set_mtime(lock, {0, 0}), EACCES);
    at.error("prolonging it", set_mtime(lock, {now + 5, 0}), 0);
    at.error("making it older", set_mtime(lock, {now - 1000, 0}), EACCES);
    at.error("renaming it", move(lock, lock + "-other"), EACCES);
    at.error("releasing it", remove_directory(lock), 0);
    at.error("taking it again", make_directory(lock), 0);
}

void contended_lock(Place& at) {
    const std::string lock = at.elsewhere("priv/lock");
    remove_directory(lock);
    put(at / "count", "0");
    constexpr unsigned kWorkers = 6;
    constexpr int kTimes = 10;
    in_threads(kWorkers, [&](unsigned) {
        for (int i = 0; i < kTimes; ++i) {
            while (make_directory(lock) == EEXIST)
                ::usleep(1000);
            at.error("counting", put(at / "count", std::to_string(std::stoi(get(at / "count")) + 1)), 0);
            at.error("releasing", remove_directory(lock), 0);
        }
    });
    at.content("nobody was in between", get(at / "count"), std::to_string(kWorkers * kTimes));
}

void files_beside_locks(Place& at) {
    const std::string directory = at.elsewhere("priv/lock");
    const std::string file = directory + "/file";
    at.error("a file in a lock", put(file, "x"), 0);
    at.error("its time", set_mtime(file, {1000, 0}), 0);
    at.error("releasing a lock that is not empty", remove_directory(directory), ENOTEMPTY);
    at.error("renaming the file", move(file, at / "file"), 0);
    at.equal("its time is kept", stat_of(at / "file").st_size, 1);
}

constexpr Check kChecks[] = {
    {"store/guests", guests},
    {"store/guest-names", guest_names},
    {"store/locks", locks},
    {"store/contended-lock", contended_lock},
    {"store/files-beside-locks", files_beside_locks},
};

}  // namespace

Checks store_checks() {
    return kChecks;
}

}  // namespace posix
