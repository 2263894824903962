#include "cfs/tree/operation.hpp"

#include <utility>

namespace cfs {

Operation Operation::on(Type type, std::string path) {
    Operation operation;
    operation.type = type;
    operation.path = std::move(path);
    return operation;
}

Operation Operation::write(std::string path, std::vector<std::uint8_t> data, std::uint64_t offset, bool truncate) {
    Operation operation = on(Type::write, std::move(path));
    operation.data = std::move(data);
    operation.offset = offset;
    operation.truncate = truncate;
    return operation;
}

Operation Operation::rename(std::string path, std::string to) {
    Operation operation = on(Type::rename, std::move(path));
    operation.to = std::move(to);
    return operation;
}

Operation Operation::set_mtime(std::string path, std::uint32_t mtime) {
    Operation operation = on(Type::set_mtime, std::move(path));
    operation.mtime = mtime;
    return operation;
}

Operation Operation::unlock(std::string path, const Digest& checksum) {
    Operation operation = on(Type::unlock, std::move(path));
    operation.checksum = checksum;
    return operation;
}

}  // namespace cfs
