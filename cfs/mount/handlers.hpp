#pragma once
// What the kernel asks of the file system (pmxcfs.md section 9), answered from the tree at once or, for changes, when
// they are decided. No request waits in a thread: answers come from wherever the decision does.

#include <sys/stat.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cfs/mount/file_system.hpp"
#include "cfs/mount/fuse.hpp"
#include "cfs/mount/handle_table.hpp"
#include "cfs/mount/known_files.hpp"
#include "cfs/mount/node_ids.hpp"

namespace cfs::mount {

class Handlers {
public:
    // `group` is what everything belongs to: www-data's.
    Handlers(FileSystem& files, gid_t group) : files_(files), group_(group) {}

    // To be used with `this` as the session's user data.
    static const fuse_lowlevel_ops& operations();

    // What another node has made of a file, for those here who lose its name.
    void changed(const Entry& entry) { known_files_.keep(entry); }

private:
    // Of a virtual file the text it had when it was opened.
    struct OpenFile {
        const VirtualEntry* entry = nullptr;
        std::string text;
    };
    // Its names when they were first asked for, so that a list in pieces is one list.
    struct OpenDirectory {
        struct Name {
            std::string name;
            NodeId node = 0;
            mode_t type = 0;
        };
        std::vector<Name> names;
    };
    // What the kernel still has a name for is not there any more: it looks the name up again.
    static constexpr int kGone = ESTALE;

    using Then = std::function<void(std::int64_t result)>;
    using Visit = std::function<void(const Tree&, const Entry&)>;

    void init(fuse_conn_info& connection);

    // --- attributes
    void lookup(fuse_req_t request, fuse_ino_t parent, const char* name);
    void forget(fuse_req_t request, fuse_ino_t node, std::uint64_t lookups);
    void getattr(fuse_req_t request, fuse_ino_t node, fuse_file_info* info);
    void setattr(fuse_req_t request, fuse_ino_t node, struct stat* wanted, int what, fuse_file_info* info);
    void readlink(fuse_req_t request, fuse_ino_t node);
    void statfs(fuse_req_t request, fuse_ino_t node);

    // --- directories
    void mknod(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t device);
    void mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode);
    void unlink(fuse_req_t request, fuse_ino_t parent, const char* name);
    void rename(fuse_req_t request, fuse_ino_t parent, const char* name, fuse_ino_t new_parent, const char* new_name,
                unsigned flags);
    std::optional<OpenDirectory> list(fuse_ino_t node) const;  // nothing if it is gone
    void opendir(fuse_req_t request, fuse_ino_t node, fuse_file_info* info);
    void readdir(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset, fuse_file_info* info);
    void releasedir(fuse_req_t request, fuse_ino_t node, fuse_file_info* info);

    // --- files
    void open(fuse_req_t request, fuse_ino_t node, fuse_file_info* info);
    void create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, fuse_file_info* info);
    void read(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset, fuse_file_info* info);
    void write(fuse_req_t request, fuse_ino_t node, const char* bytes, std::size_t size, off_t offset,
               fuse_file_info* info);
    void fsync(fuse_req_t request, fuse_ino_t node, int data_only, fuse_file_info* info);
    void release(fuse_req_t request, fuse_ino_t node, fuse_file_info* info);

    // --- common
    // Answers the request if that is what the result of a change comes to.
    static bool failed(fuse_req_t request, std::int64_t result);
    // To a file that the tree no longer has.
    std::int64_t write_left_over(fuse_ino_t node, const Operation& operation);
    // What the kernel is told of an entry of the tree, which counts as a lookup. While the tree is kept from changing.
    fuse_entry_param looked_up(const Entry& entry, std::string_view path, bool quorate, Era era);
    // To be replied as long as it is there; nothing counts where the kernel does not take the answer.
    void reply_lookup(fuse_req_t request, const std::optional<fuse_entry_param>& entry);
    // The tree's entry of that node, while the tree is kept from changing; false if it has none.
    bool look(fuse_ino_t node, const Visit& visit) const;
    // Path below a directory: nothing if the directory is gone.
    std::optional<std::string> path_in(fuse_ino_t parent, std::string_view name) const;
    // The path of something that is to be made there; else the request is answered with why not.
    std::optional<std::string> new_path(fuse_req_t request, fuse_ino_t parent, std::string_view name) const;
    static bool too_long(std::string_view name);
    static bool is_virtual(fuse_ino_t parent, std::string_view name);
    bool stat_of(fuse_ino_t node, struct stat& out) const;
    struct stat stat_of(const Entry& entry, std::string_view path, bool quorate, Era era) const;
    struct stat stat_of(const VirtualEntry& entry) const;
    static fuse_entry_param entry_param(const struct stat& attributes);
    std::optional<fuse_entry_param> look_up(const std::string& path);
    void reply_attributes(fuse_req_t request, fuse_ino_t node) const;
    void reply_created(fuse_req_t request, const std::string& path, fuse_file_info info, std::int64_t result);
    void make(fuse_req_t request, fuse_ino_t parent, const char* name, Operation (*what)(std::string));
    void open_now(fuse_req_t request, fuse_ino_t node, fuse_file_info info);
    // A change that is answered with nothing but its result, and that takes the name of `losing`, if that is a file.
    void change(fuse_req_t request, Operation operation, const std::string& losing);
    void write_virtual(fuse_req_t request, const VirtualEntry& entry, std::string_view text, off_t offset);
    void truncate(fuse_ino_t node, std::uint64_t size, Then then);

    FileSystem& files_;
    const gid_t group_;
    KnownFiles known_files_;
    HandleTable<OpenFile> file_handles_;
    HandleTable<OpenDirectory> directory_handles_;
};

}  // namespace cfs::mount
