#include "conformance/client/flood_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>

namespace flood {

FloodProcess::FloodProcess(const lab::Lab& laboratory, unsigned node, unsigned index,
                           const std::vector<std::string>& options)
    : node_(node),
      output_(laboratory.node_directory(node) / fmt::format("flood-{}.json", index)),
      log_(laboratory.node_directory(node) / fmt::format("flood-{}.log", index)) {
    const auto program = lab::beside_us("totem-flood");
    lab::Arguments command = {program, "--index", std::to_string(index), "--log", log_};
    command.insert(command.end(), options.begin(), options.end());
    auto output = lab::open_file(output_, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    // libcpg tells on standard error whenever it has to wait.
    auto chatter = lab::open_file("/dev/null", O_WRONLY);
    process_ = laboratory.spawn(node, command, {.out = output.get(), .err = chatter.get()});
}

bool FloodProcess::sending() const {
    return lab::Log(log_).count("S") > 0;
}

nlohmann::json FloodProcess::result(lab::milliseconds limit) {
    if (!process_.wait(limit)) {
        throw lab::LabError(fmt::format("the flood on node {} does not end within {} ms", node_, limit.count()));
    }
    const auto text = lab::read_file(output_);
    auto value = nlohmann::json::parse(text, nullptr, false);
    if (!value.is_object()) throw lab::LabError(fmt::format("the flood on node {} reports nothing: {}", node_, text));
    return value;
}

std::vector<View> FloodProcess::deliveries() const {
    return read_deliveries(log_);
}

}  // namespace flood
