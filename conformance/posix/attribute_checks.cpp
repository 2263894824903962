// What stat and statfs say, and who may change it: nobody. pmxcfs.md sections 8 and 9.

#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <filesystem>

#include "conformance/posix/checks.hpp"
#include "conformance/posix/processes.hpp"

namespace posix {
namespace {

void expect_entry(Place& at, const std::string& path, mode_t mode) {
    const auto found = stat_of(path);
    const std::string name = path.substr(at.store().mount.size());
    at.mode(name, found.st_mode, mode);
    at.equal(name + ": uid", found.st_uid, 0);
    at.equal(name + ": gid", found.st_gid, at.store().group);
    at.equal(name + ": links", found.st_nlink, S_ISDIR(mode) ? 2U : 1U);
    at.equal(name + ": block size", found.st_blksize, 4096);
}

void modes(Place& at) {
    const std::string secret = at.elsewhere("priv"), node = at.elsewhere("nodes");
    put(at / "file", "");
    ::close(::open((at / "any").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0777));
    expect_entry(at, at.store().mount, S_IFDIR | 0755);
    expect_entry(at, at.directory(), S_IFDIR | 0755);
    expect_entry(at, at / "file", S_IFREG | 0640);
    expect_entry(at, at / "any", S_IFREG | 0640);
    expect_entry(at, at.root("priv"), S_IFDIR | 0700);
    expect_entry(at, secret, S_IFDIR | 0700);
    put(secret + "/file", "");
    expect_entry(at, secret + "/file", S_IFREG | 0600);
    for (const char* const folder : {"/priv", "/lxc", "/qemu-server"}) {
        make_directory(node + folder);
        put(node + folder + "/file", "");
    }
    expect_entry(at, node + "/priv", S_IFDIR | 0700);
    expect_entry(at, node + "/priv/file", S_IFREG | 0600);
    expect_entry(at, node + "/lxc", S_IFDIR | 0755);
    expect_entry(at, node + "/lxc/file", S_IFREG | (at.store().p9 ? 0640 : 0644));
    expect_entry(at, node + "/qemu-server/file", S_IFREG | 0640);
    make_directory(at / "priv");
    expect_entry(at, at / "priv", S_IFDIR | 0755);
}

void scripts(Place& at) {
    const std::string secret = at.elsewhere("priv");
    for (const char* const name : {"vps.mount", "100.start", "7.umount", "vps.premount", "12.postumount", "1.stop"}) {
        put(at / name, "#!/bin/sh\nexit 7\n");
        expect_entry(at, at / name, S_IFREG | 0740);
    }
    for (const char* const name : {"0100.start", "vps.other", "start", "x.start", "100.start.new"}) {
        put(at / name, "");
        expect_entry(at, at / name, S_IFREG | 0640);
    }
    put(secret + "/100.start", "");
    expect_entry(at, secret + "/100.start", S_IFREG | 0700);
    const auto run = [&at](const char* name) {
        return in_process([script = at / name] {
            ::execl(script.c_str(), script.c_str(), static_cast<char*>(nullptr));
            return errno + 100;
        });
    };
    at.equal("running a script", run("100.start"), 7);
    at.error("running another file", run("100.start.new") - 100, EACCES);
}

void blocks(Place& at) {
    for (const std::size_t size : {0, 1, 512, 513, 4096, 100'000}) {
        put(at / "file", pattern(size));
        at.equal(fmt::format("blocks of {} bytes", size), stat_of(at / "file").st_blocks,
                 static_cast<blkcnt_t>((size + 511) / 512));
    }
    at.equal("size of a directory", stat_of(at.directory()).st_size, 0);
}

void inodes(Place& at) {
    put(at / "one", "");
    put(at / "two", "");
    const auto one = stat_of(at / "one");
    at.is_true("different files, different inodes", one.st_ino != stat_of(at / "two").st_ino);
    at.is_true("one device", one.st_dev == stat_of(at.store().mount).st_dev);
    put(at / "one", "longer");
    at.equal("the inode stays", stat_of(at / "one").st_ino, one.st_ino);
    remove(at / "one");
    put(at / "one", "");
    at.is_true("a new file has a new one", stat_of(at / "one").st_ino > one.st_ino);
}

// mode_t of chmod against the rule: what it is anyway, or an error.
void chmod(Place& at) {
    const std::string secret = at.elsewhere("priv");
    put(at / "file", "");
    put(secret + "/file", "");
    const auto changed = [](const std::string& path, mode_t mode) { return errno_of(::chmod(path.c_str(), mode)); };
    at.error("0640", changed(at / "file", 0640), 0);
    at.error("0640 of a directory", changed(at.directory(), 0640), 0);
    for (const mode_t mode : {0600, 0644, 0755, 0777, 0, 04640, 02640, 01640}) {
        at.error(fmt::format("{:o}", mode), changed(at / "file", mode), EPERM);
        at.error(fmt::format("{:o} of a directory", mode), changed(at.directory(), mode), EPERM);
    }
    at.error("0600 in a private directory", changed(secret + "/file", 0600), 0);
    at.error("0640 there", changed(secret + "/file", 0640), EPERM);
    at.error("0700 there", changed(secret, 0700), EPERM);
    at.error("fchmod", errno_of(::fchmod(open(at / "file", O_RDONLY).get(), 0600)), EPERM);
    at.error("of nothing", changed(at / "nothing", 0640), ENOENT);
    at.mode("a file", stat_of(at / "file").st_mode, S_IFREG | 0640);
    at.mode("a directory", stat_of(at.directory()).st_mode, S_IFDIR | 0755);
}

void chown(Place& at) {
    constexpr auto kSame = static_cast<uid_t>(-1);
    put(at / "file", "");
    const gid_t group = at.store().group;
    const auto changed = [&](uid_t to, gid_t to_group) {
        return errno_of(::chown((at / "file").c_str(), to, to_group));
    };
    at.error("to whom it belongs", changed(0, group), 0);
    at.error("to root", changed(0, kSame), 0);
    at.error("to its group", changed(kSame, group), 0);
    at.error("to nobody else", changed(kSame, kSame), 0);
    at.error("to another user", changed(1, kSame), EPERM);
    at.error("to another group", changed(kSame, 0), EPERM);
    at.error("to both", changed(1, 1), EPERM);
    at.error("to the right user and another group", changed(0, 0), EPERM);
    at.error("of nothing", errno_of(::chown((at / "nothing").c_str(), 0, group)), ENOENT);
    expect_entry(at, at / "file", S_IFREG | 0640);
}

void times(Place& at) {
    const auto now = std::time(nullptr);
    put(at / "file", "");
    const auto made = stat_of(at / "file");
    at.is_true("a new file is of now", made.st_mtime >= now && made.st_mtime <= std::time(nullptr));
    at.error("utimensat", set_mtime(at / "file", {1'500'000'000, 0}), 0);
    const auto set = stat_of(at / "file");
    at.equal("mtime", set.st_mtime, 1'500'000'000);
    at.equal("atime is mtime", set.st_atime, 1'500'000'000);
    at.equal("ctime is mtime", set.st_ctime, 1'500'000'000);
    at.error("a write", put(at / "file", "x"), 0);
    at.is_true("makes it of now", stat_of(at / "file").st_mtime >= now);
    at.error("of a directory", set_mtime(at.directory(), {1'400'000'000, 0}), 0);
    at.equal("its mtime", stat_of(at.directory()).st_mtime, 1'400'000'000);
    at.error("to now", set_mtime(at / "file", {0, UTIME_NOW}), 0);
    at.error("futimens", errno_of(::futimens(open(at / "file", O_RDWR).get(), nullptr)), 0);
    at.error("of nothing", set_mtime(at / "nothing", {0, 0}), ENOENT);
    at.error("of the root", set_mtime(at.store().mount, {0, 0}), EACCES);
    at.equal("mtime of the root", stat_of(at.store().mount).st_mtime, 0);
}

void times_in_part(Place& at) {
    put(at / "file", "");
    const auto set = [&](timespec atime, timespec mtime) {
        const std::array<timespec, 2> both = {atime, mtime};
        return errno_of(::utimensat(AT_FDCWD, (at / "file").c_str(), both.data(), 0));
    };
    const auto mtime = [&] { return stat_of(at / "file").st_mtim; };
    at.error("with a fraction", set({5, 5}, {1'000'000, 999'999'999}), 0);
    at.equal("whole seconds only", mtime().tv_sec, 1'000'000);
    at.equal("no fraction", mtime().tv_nsec, 0);
    at.error("mtime only", set({0, UTIME_OMIT}, {2'000'000, 0}), 0);
    at.equal("mtime", mtime().tv_sec, 2'000'000);
    at.error("atime only", set({3'000'000, 0}, {0, UTIME_OMIT}), 0);
    at.equal("no mtime of it", mtime().tv_sec, 2'000'000);
    at.error("none of them", set({0, UTIME_OMIT}, {0, UTIME_OMIT}), 0);
    at.error("beyond 32 bits", set({0, 0}, {5'000'000'000, 0}), 0);
    at.equal("32 bits of it", mtime().tv_sec, 705'032'704);
    at.error("no time at all", set({0, 0}, {0, 2'000'000'000}), EINVAL);
}

void access(Place& at) {
    put(at / "file", "");
    put(at / "100.start", "");
    const auto may = [&](const char* name, int what) { return errno_of(::access((at / name).c_str(), what)); };
    at.error("read and write a file", may("file", R_OK | W_OK), 0);
    at.error("run a file", may("file", X_OK), EACCES);
    at.error("run a script", may("100.start", X_OK), 0);
    at.error("search a directory", may("", R_OK | W_OK | X_OK), 0);
    at.error("nothing", may("nothing", F_OK), ENOENT);
    at.error("below a file", may("file/file", F_OK), ENOTDIR);
}

void file_system(Place& at) {
    struct statvfs found {};
    struct statfs kind {};
    at.error("statvfs", errno_of(::statvfs(at.directory().c_str(), &found)), 0);
    at.error("statfs", errno_of(::statfs(at.directory().c_str(), &kind)), 0);
    constexpr long kFuse = 0x65735546;
    at.equal("type", static_cast<long>(kind.f_type), kFuse);
    at.equal("f_bsize", found.f_bsize, 4096);
    at.equal("f_frsize", found.f_frsize, 4096);
    at.equal("f_blocks", found.f_blocks, at.store().p9 ? 32768U : 7680U);
    at.equal("f_files", found.f_files, at.store().p9 ? 262144U : 10000U);
    at.equal("f_namemax", found.f_namemax, 256);
    at.equal("f_bavail", found.f_bavail, found.f_bfree);
    at.is_true("nosuid, nodev", (found.f_flag & ST_NOSUID) != 0 && (found.f_flag & ST_NODEV) != 0);
}

void file_system_counts(Place& at) {
    const auto now = [&] {
        struct statvfs found {};
        ::statvfs(at.directory().c_str(), &found);
        return found;
    };
    const auto before = now();
    put(at / "file", pattern(8192));
    make_directory(at / "directory");
    const auto after = now();
    at.equal("entries", before.f_ffree - after.f_ffree, 2);
    // Of all bytes together, rounded up.
    at.is_true("blocks", before.f_bfree - after.f_bfree == 2);
    remove(at / "file");
    at.equal("entries after a removal", now().f_ffree, after.f_ffree + 1);
    at.equal("blocks after it", now().f_bfree, before.f_bfree);
}

constexpr Check kChecks[] = {
    {"attribute/modes", modes},
    {"attribute/scripts", scripts},
    {"attribute/blocks", blocks},
    {"attribute/inodes", inodes},
    {"attribute/chmod", chmod},
    {"attribute/chown", chown},
    {"attribute/times", times},
    {"attribute/times-in-part", times_in_part},
    {"attribute/access", access},
    {"attribute/file-system", file_system},
    {"attribute/file-system-counts", file_system_counts, true},
};

}  // namespace

Checks attribute_checks() {
    return kChecks;
}

}  // namespace posix
