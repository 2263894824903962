#include "conformance/lab/manifest.hpp"

#include <cctype>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace lab {

using nlohmann::json;

namespace {

json to_json(const ProcessId& process) {
    return {{"pid", process.pid}, {"start", process.start_time}};
}

ProcessId to_process(const json& value) {
    return {value.at("pid").get<pid_t>(), value.at("start").get<std::uint64_t>()};
}

json to_json(const Reception& reception) {
    return {{"cut", reception.cut}, {"loss", reception.loss}};
}

Reception to_reception(const json& value) {
    return {value.at("cut").get<std::set<unsigned>>(), value.at("loss").get<double>()};
}

json to_json(const NodeRecord& node) {
    json receptions = json::array();
    for (const auto& reception : node.receptions)
        receptions.push_back(to_json(reception));
    return {{"kind", to_string(node.kind)},   {"program", node.program.string()},    {"init", to_json(node.init)},
            {"daemon", to_json(node.daemon)}, {"daemon_inside", node.daemon_inside}, {"log_start", node.log_start},
            {"receptions", receptions}};
}

NodeRecord to_node(const json& value) {
    NodeRecord node;
    node.kind = parse_daemon_kind(value.at("kind"));
    node.program = value.at("program").get<std::string>();
    node.init = to_process(value.at("init"));
    node.daemon = to_process(value.at("daemon"));
    node.daemon_inside = value.at("daemon_inside");
    node.log_start = value.at("log_start");
    for (std::size_t ring = 0; ring < node.receptions.size(); ++ring)
        node.receptions[ring] = to_reception(value.at("receptions").at(ring));
    return node;
}

}  // namespace

std::filesystem::path base_directory() {
    const char* given = std::getenv("TOTEM_LAB_DIR");
    return given && *given ? std::filesystem::absolute(given) : std::filesystem::path("/run/totem-lab");
}

void check_name(const std::string& name) {
    const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.'; };
    if (name.empty() || name.size() > 64 || name.front() == '.' || !std::all_of(name.begin(), name.end(), fits)) {
        throw LabError("'" + name + "' cannot name a laboratory: use up to 64 letters, digits, '-', '_' and '.'");
    }
}

std::filesystem::path directory_of(const std::string& name) {
    check_name(name);
    return base_directory() / name;
}

void save(const Manifest& manifest) {
    json nodes = json::array();
    for (const auto& node : manifest.nodes) {
        nodes.push_back(to_json(node));
    }
    const json value = {{"name", manifest.name},
                        {"persistent", manifest.persistent},
                        {"creator", to_json(manifest.creator)},
                        {"transport", to_string(manifest.transport)},
                        {"family", to_string(manifest.family)},
                        {"rings", manifest.rings},
                        {"real_time", manifest.real_time},
                        {"hub", to_json(manifest.hub)},
                        {"capture", to_json(manifest.capture)},
                        {"capture_file", manifest.capture_file},
                        {"nodes", nodes}};
    write_file(directory_of(manifest.name) / "manifest.json", value.dump(2) + "\n");
}

std::optional<Manifest> load(const std::string& name) {
    const auto path = directory_of(name) / "manifest.json";
    if (!std::filesystem::exists(path)) return std::nullopt;
    try {
        const auto value = json::parse(read_file(path));
        Manifest manifest;
        manifest.name = name;
        manifest.persistent = value.at("persistent");
        manifest.creator = to_process(value.at("creator"));
        manifest.transport = parse_transport(value.at("transport"));
        manifest.family = parse_family(value.at("family"));
        manifest.rings = value.at("rings");
        manifest.real_time = value.at("real_time");
        manifest.hub = to_process(value.at("hub"));
        manifest.capture = to_process(value.at("capture"));
        manifest.capture_file = value.at("capture_file");
        for (const auto& node : value.at("nodes")) {
            manifest.nodes.push_back(to_node(node));
        }
        return manifest;
    } catch (const json::exception& error) {
        throw LabError("cannot understand " + path.string() + ": " + error.what());
    }
}

}  // namespace lab
