#include "pvecm/host/services.hpp"

#include <fmt/format.h>

#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/process.hpp"
#include "pvecm/host/runner.hpp"

namespace pvecm {
namespace {

class Systemd final : public Services {
public:
    void start(const Words& names) override { control("start", names); }
    void stop(const Words& names) override { control("stop", names); }
    void restart(const Words& names) override { control("restart", names); }
    bool running(const std::string& name) override {
        return run_captured({"systemctl", "is-active", "--quiet", name}).ok();
    }
    void enable(const std::string& name) override { control("enable", {name}); }
    void disable(const std::string& name) override { control("disable", {name}); }
    void require(const Words& names) override {
        for (const std::string& name : names) {
            if (!exists_unit(name))
                throw Error(fmt::format("there is no unit '{}' on this node: install what runs it", name));
        }
    }
    void reload(const std::string& name) override {
        if (exists_unit(name)) control("reload-or-restart", {name});
    }
    std::string log(const std::string& name) override {
        // Not by the name, which is another unit's alias with totemd.
        std::string start = run_captured({"systemctl", "show", "--property=InvocationID", "--value", name}).out;
        start.erase(start.find_last_not_of('\n') + 1);
        if (start.empty()) return {};
        return run_captured({"journalctl", "--quiet", "--no-pager", "_SYSTEMD_INVOCATION_ID=" + start}).out;
    }

private:
    static bool exists_unit(const std::string& name) { return run_captured({"systemctl", "cat", name}).ok(); }
    static void control(const std::string& verb, const Words& names) {
        Words command = {"systemctl", verb};
        command.insert(command.end(), names.begin(), names.end());
        must_run(command, fmt::format("can't {} {}", verb, joined(names)));
    }
};

}  // namespace

std::unique_ptr<Services> find_services(const Paths& paths) {
    if (paths.root.empty() && exists("/run/systemd/system")) return std::make_unique<Systemd>();
    return std::make_unique<Runner>(paths);
}

}  // namespace pvecm
