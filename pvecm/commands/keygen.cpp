// pvecm keygen. Spec pvecm.md section 10.1.
#include "tools/keygen/keygen.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "pvecm/commands/all.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"

namespace pvecm::commands {
namespace {

int run(Context&, const Arguments& arguments) {
    if (::geteuid() != 0) throw Error("Error: Authorization key must be generated as root user.");
    tools::keygen::Request request;
    request.file = arguments.at("filename");
    if (exists(request.file)) throw Error(fmt::format("key file '{}' already exists", request.file));
    const std::string folder = std::filesystem::path(request.file).parent_path();
    if (!folder.empty()) make_folder(folder);
    return tools::keygen::generate("pvecm", request);
}

}  // namespace

Command keygen() {
    return {.name = "keygen",
            .help = "Generate new cryptographic key for corosync.",
            .positionals = {{.name = "filename", .help = "Output file name"}},
            .run = run};
}

}  // namespace pvecm::commands
