#pragma once
// Which guest configurations there are (pmxcfs.md section 6). The counters belong to this process and are not
// replicated.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cfs {

enum class GuestKind : std::uint8_t { qemu = 1, openvz = 2, lxc = 3 };
std::string_view text(GuestKind kind);                         // "qemu", as .vmlist has it
std::string_view folder(GuestKind kind);                       // "qemu-server"
std::optional<GuestKind> guest_folder(std::string_view name);  // the other way round

struct GuestPath {
    std::uint32_t id = 0;
    GuestKind kind = GuestKind::qemu;
    std::string_view node;  // a part of the path given
};
// nodes/NODE/KIND/ID.conf, and nothing else.
std::optional<GuestPath> guest_path(std::string_view path);
// nodes/NODE/KIND: has to be a directory, or a real pmxcfs does not start.
bool is_guest_folder(std::string_view path);
bool is_node_name(std::string_view name);
std::optional<std::uint32_t> guest_file_id(std::string_view name);  // "100.conf"

struct Guest {
    GuestKind kind = GuestKind::qemu;
    std::string node;
    std::uint64_t version = 0;
};

class Guests {
public:
    const std::map<std::uint32_t, Guest>& all() const { return guests_; }
    std::uint64_t version() const { return version_; }  // of the list as a whole

    // Is the id taken by a guest of another kind or node?
    bool taken_by_another(const GuestPath& path) const;
    void set(const GuestPath& path);
    void remove(std::uint32_t id);

    // A new list: clear, then add all; false for an id that is there already.
    void start_anew();
    bool add(const GuestPath& path);

private:
    std::map<std::uint32_t, Guest> guests_;
    std::uint64_t version_ = 0;
    std::uint64_t registrations_ = 0;
};

}  // namespace cfs
