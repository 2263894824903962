#include "cfs/replica/data/operations.hpp"

#include <algorithm>

namespace cfs::replica {

std::string without_leading_slashes(std::string_view path) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    return std::string(path);
}

std::uint16_t subtype_of(const Operation& operation) {
    const auto number = [](DataSubtype subtype) { return static_cast<std::uint16_t>(subtype); };
    switch (operation.type) {
        case Operation::Type::write:
            return number(DataSubtype::write);
        case Operation::Type::make_directory:
            return number(DataSubtype::mkdir);
        case Operation::Type::remove:
            return number(DataSubtype::remove);
        case Operation::Type::rename:
            return number(DataSubtype::rename);
        case Operation::Type::create:
            return number(DataSubtype::create);
        case Operation::Type::set_mtime:
            return number(DataSubtype::mtime);
        case Operation::Type::unlock:
            break;
    }
    return number(DataSubtype::unlock);
}

Buffer encode_operation(const Operation& operation) {
    const std::string path = without_leading_slashes(operation.path);
    FileMessage message{0, 0, path, {}, {}};
    switch (operation.type) {
        case Operation::Type::unlock:
            return encode(UnlockMessage{operation.checksum, path});
        case Operation::Type::write:
            message.offset = static_cast<std::uint32_t>(operation.offset);
            message.flags = operation.truncate ? 1 : 0;
            message.data = operation.data;
            break;
        case Operation::Type::rename:
            message.to = without_leading_slashes(operation.to);
            break;
        case Operation::Type::set_mtime:
            message.offset = operation.mtime;
            break;
        default:
            break;
    }
    return encode(message);
}

Operation to_operation(DataSubtype subtype, const FileMessage& message) {
    switch (subtype) {
        case DataSubtype::write:
            return Operation::write(message.path, {message.data.begin(), message.data.end()}, message.offset,
                                    message.flags != 0);
        case DataSubtype::mkdir:
            return Operation::make_directory(message.path);
        case DataSubtype::remove:
            return Operation::remove(message.path);
        case DataSubtype::rename:
            return Operation::rename(message.path, message.to.value_or(""));
        case DataSubtype::create:
            return Operation::create(message.path);
        default:
            return Operation::set_mtime(message.path, message.offset);
    }
}

Buffer encode_update(const Entry& entry) {
    const std::vector<std::uint8_t> zeros(entry.is_file() && !entry.content ? entry.size : 0);
    return encode(UpdateMessage{entry.parent, entry.inode, entry.version, entry.writer, entry.mtime,
                                static_cast<std::uint8_t>(entry.kind), entry.name,
                                entry.content ? entry.data() : Bytes(zeros)});
}

Entry to_entry(const UpdateMessage& message) {
    Entry entry;
    entry.inode = message.inode;
    entry.parent = message.parent;
    entry.version = message.version;
    entry.writer = message.writer;
    entry.mtime = message.mtime;
    entry.kind = static_cast<Kind>(message.type);
    entry.name = message.name;
    if (entry.is_file()) {
        entry.size = static_cast<std::uint32_t>(message.data.size());
        entry.content = make_content(message.data);
    }
    return entry;
}

void restore_missing_content(Entry& entry, const Index& leader) {
    const auto item = std::ranges::lower_bound(leader.items, entry.inode, {}, &Index::Item::inode);
    if (item == leader.items.end() || item->inode != entry.inode || entry.data().empty()) return;
    if (!std::ranges::all_of(entry.data(), [](std::uint8_t byte) { return byte == 0; })) return;
    Entry without = entry;
    without.content.reset();
    if (index_digest(without) == item->digest) entry = std::move(without);
}

}  // namespace cfs::replica
