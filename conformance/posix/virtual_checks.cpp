// The names in the root that are not of the tree. pmxcfs.md section 11.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>

#include "conformance/posix/checks.hpp"

namespace posix {
namespace {

constexpr std::array<const char*, 5> kFiles = {".version", ".members", ".vmlist", ".clusterlog", ".rrd"};
constexpr std::array<const char*, 4> kLinks = {"local", "qemu-server", "openvz", "lxc"};

std::string target(const std::string& link) {
    std::string out(4096, '\0');
    const ssize_t size = ::readlink(link.c_str(), out.data(), out.size());
    out.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return out;
}

void present(Place& at) {
    const auto all = names(at.store().mount);
    for (const auto* const list : {kFiles.data(), kLinks.data()}) {
        const std::size_t count = list == kFiles.data() ? kFiles.size() : kLinks.size();
        for (std::size_t i = 0; i < count; ++i)
            at.equal(list[i], std::ranges::count(all, std::string(list[i])), 1);
    }
    for (const char* const name : kFiles)
        at.mode(name, stat_of(at.root(name)).st_mode, S_IFREG | 0440);
    at.mode(".debug", stat_of(at.root(".debug")).st_mode, S_IFREG | 0640);
    for (const char* const name : kLinks)
        at.mode(name, stat_of(at.root(name)).st_mode, S_IFLNK | 0755);
    const auto version = stat_of(at.root(".version"));
    at.equal("uid", version.st_uid, 0);
    at.equal("gid", version.st_gid, at.store().group);
    at.equal("links", version.st_nlink, 1);
    at.equal("mtime", version.st_mtime, 0);
    at.is_true("size", version.st_size > 0);
}

void links(Place& at) {
    const std::string node = target(at.root("local"));
    at.is_true("local leads to a node", node.starts_with("nodes/") && node.size() > 6);
    for (const char* const name : {"qemu-server", "openvz", "lxc"})
        at.content(name, target(at.root(name)), node + "/" + name);
    const auto members = nlohmann::json::parse(get(at.root(".members")));
    at.content("the node is the one of .members", node, "nodes/" + members.at("nodename").get<std::string>());
}

void texts(Place& at) {
    for (const char* const name : {".version", ".members", ".vmlist", ".clusterlog"})
        at.is_true(std::string(name) + " is JSON", nlohmann::json::accept(get(at.root(name))));
    const auto file = open(at.root(".version"), O_RDONLY);
    const std::string whole = get(file);
    std::string pieces;
    std::array<char, 7> piece{};
    for (ssize_t count = 0;
         (count = ::pread(file.get(), piece.data(), piece.size(), static_cast<off_t>(pieces.size()))) > 0;)
        pieces.append(piece.data(), static_cast<std::size_t>(count));
    at.content("read in pieces", pieces, whole);
}

void counted(Place& at) {
    const auto version = [&] { return nlohmann::json::parse(get(at.root(".version"))).at("ha/fence.cfg").get<int>(); };
    const auto guests = [&] { return nlohmann::json::parse(get(at.root(".version"))).at("vmlist").get<int>(); };
    const int before = version(), guests_before = guests();
    put(at / "fence.cfg", "");
    at.equal("another file does not count", version(), before);
    const bool made = make_directory(at.root("ha")) == 0;
    const std::string file = at.root("ha/fence.cfg");
    if (exists(file)) return;  // somebody's
    at.error("making it", put(file, "x"), 0);
    at.equal("made and written", version(), before + 2);
    set_mtime(file, {1000, 0});
    at.equal("its time", version(), before + 3);
    at.error("removing it", remove(file), 0);
    at.equal("removed", version(), before + 4);
    if (made) remove_directory(at.root("ha"));
    at.equal("no guest has changed", guests(), guests_before);
}

void not_removable(Place& at) {
    put(at / "file", "");
    for (const std::string name : {".version", ".debug", "local", "lxc"}) {
        const std::string path = at.root(name);
        const bool link = name.front() != '.';
        at.error("unlink " + name, remove(path), EACCES);
        at.error("rmdir " + name, remove_directory(path), ENOTDIR);
        at.error("rename of " + name, move(path, at / "other"), EACCES);
        at.error("rename onto " + name, move(at / "file", path), EACCES);
        at.error("mkdir " + name, make_directory(path), EEXIST);
        at.error("O_EXCL of " + name, open_error(path, O_RDWR | O_CREAT | O_EXCL), EEXIST);
        if (!link) at.error("utimes of " + name, set_mtime(path, {0, 0}), EACCES);
        if (!link) at.error("a file below " + name, open_error(path + "/file", O_RDWR | O_CREAT), ENOTDIR);
    }
    at.is_true("nothing new", names(at.directory()) == std::vector<std::string>{"file"});
}

void not_writable(Place& at) {
    for (const char* const name : kFiles) {
        const std::string path = at.root(name);
        const auto file = open(path, O_WRONLY);
        at.error(std::string("write to ") + name, errno_of(::write(file.get(), "1\n", 2)), EIO);
        at.error(std::string("truncation of ") + name, cut(path, 0), EIO);
        at.error(std::string("O_TRUNC of ") + name, open_error(path, O_WRONLY | O_TRUNC), EIO);
    }
}

void debug(Place& at) {
    const std::string path = at.root(".debug"), before = get(path);
    const auto write = [&](std::string_view text, off_t offset) {
        const auto file = open(path, O_WRONLY);
        return ::pwrite(file.get(), text.data(), text.size(), offset);
    };
    const auto refused = [&](std::string_view text, off_t offset) { return errno_of(write(text, offset)); };
    at.equal("on", write("1\n", 0), 2);
    at.content("is on", get(path), "1\n");
    at.equal("off", write("0\n", 0), 2);
    at.content("is off", get(path), "0\n");
    at.error("no number", refused("x\n", 0), EIO);
    at.error("no line", refused("1", 0), EIO);
    at.error("another place", refused("1\n", 2), EIO);
    at.error("as a shell does it", put(path, "1\n"), 0);
    at.content("is on again", get(path), "1\n");
    at.error("as before", put(path, before), 0);
}

constexpr Check kChecks[] = {
    {"virtual/present", present},
    {"virtual/links", links},
    {"virtual/texts", texts},
    {"virtual/counted", counted, true},
    {"virtual/not-removable", not_removable},
    {"virtual/not-writable", not_writable},
    {"virtual/debug", debug},
};

}  // namespace

Checks virtual_checks() {
    return kChecks;
}

}  // namespace posix
