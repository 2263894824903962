#include "pvecm/host/temporary_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "engine/base/file_descriptor.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"

namespace pvecm {

TemporaryFile::TemporaryFile(const std::string& name, const std::string& content)
    : path_(fmt::format("/var/tmp/{}.XXXXXX", name)) {
    const engine::FileDescriptor file(::mkstemp(path_.data()));
    if (!file) throw Error(fmt::format("unable to make a file in /var/tmp: {}", std::strerror(errno)));
    write_file(path_, content, 0600);
}

TemporaryFile::~TemporaryFile() {
    if (!kept_) ::unlink(path_.c_str());
}

}  // namespace pvecm
