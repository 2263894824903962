// What is kept from being sent (pmxcfs.md 5.1, 5.3, 17). Delivery never refuses what upstream accepts; here is the
// place.

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "cfs/tree/paths.hpp"
#include "cfs/tree/tree.hpp"

namespace cfs {

namespace {

Precheck refuse(int error) {
    return {Precheck::Verdict::refuse, -error, {}};
}
Precheck send(Operation operation) {
    return {Precheck::Verdict::send, 0, std::move(operation)};
}

// A message carries the paths with a NUL behind each.
bool has_nul(const std::string& path) {
    return path.find('\0') != std::string::npos;
}

}  // namespace

Precheck Tree::precheck(Operation operation) const {
    if (has_nul(operation.path) || has_nul(operation.to)) return refuse(EINVAL);
    switch (operation.type) {
        case Operation::Type::write:
            return precheck_write(std::move(operation));
        case Operation::Type::create:
            if (entries_.all().size() >= settings_.limits.inodes) return refuse(ENOSPC);
            if (is_guest_folder(operation.path) && !find(operation.path)) return refuse(EACCES);
            return send(std::move(operation));
        case Operation::Type::make_directory:
            return precheck_new_directory(std::move(operation));
        case Operation::Type::rename:
            return precheck_rename(std::move(operation));
        case Operation::Type::remove:
        case Operation::Type::set_mtime:
        case Operation::Type::unlock:
            return send(std::move(operation));
    }
    return refuse(EINVAL);
}

Precheck Tree::precheck_write(Operation operation) const {
    const Limits& limits = settings_.limits;
    // The message has 32 bits for the offset: what does not fit would arrive as another place.
    const std::uint64_t largest = std::min<std::uint64_t>(limits.file_size, std::numeric_limits<std::uint32_t>::max());
    if (operation.offset > largest || operation.data.size() > largest - operation.offset) return refuse(EFBIG);
    const Entry* file = find(operation.path);
    if (!file || file->is_directory()) return send(std::move(operation));  // delivery finds the error
    const std::uint64_t end = operation.offset + operation.data.size();
    const std::uint64_t growth = end > file->size ? end - file->size : 0;
    if (growth > 0 && entries_.total_size() + growth > limits.total_size) return refuse(ENOSPC);
    if (operation.data.empty() && file->size == 0 && end > 0) {
        // Upstream's readers crash on a size without data.
        operation.data.assign(end, 0);
        operation.offset = 0;
        operation.truncate = false;
    }
    return send(std::move(operation));
}

Precheck Tree::precheck_new_directory(Operation operation) const {
    if (entries_.all().size() >= settings_.limits.inodes) return refuse(ENOSPC);
    // Its removal would take the guest with this id off the list.
    if (guest_path(operation.path) && !find(operation.path)) return refuse(EACCES);
    return send(std::move(operation));
}

Precheck Tree::precheck_rename(Operation operation) const {
    const Entry* from = find(operation.path);
    const Entry* target = find(operation.to);
    if (!from || from->is_root()) return send(std::move(operation));
    if (from == target) return {Precheck::Verdict::done, 0, {}};
    // Upstream would drop the target from memory and keep its row.
    if (target && !entries_.names(from->inode).empty()) return refuse(ENOTEMPTY);
    if (from->is_directory() ? guest_path(operation.to).has_value() : is_guest_folder(operation.to))
        return refuse(EACCES);
    if (find(split_path(operation.to).directory) == from) return refuse(EINVAL);
    return send(std::move(operation));
}

}  // namespace cfs
