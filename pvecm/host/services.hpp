#pragma once
// The services a cluster node consists of, started and stopped by systemd where it runs, by ourselves elsewhere.
// Spec pvecm.md section 1; docs/pvecm.md. Errors are Error.

#include <memory>
#include <string>

#include "pvecm/host/paths.hpp"
#include "pvecm/words.hpp"

namespace pvecm {

inline constexpr const char* kCorosync = "corosync";
inline constexpr const char* kStore = "pve-cluster";
inline constexpr const char* kQdevice = "corosync-qdevice";

class Services {
public:
    virtual ~Services() = default;

    // All of them at once, in the order they need each other. What runs already, or not any more, is fine.
    virtual void start(const Words& names) = 0;
    virtual void stop(const Words& names) = 0;
    virtual void restart(const Words& names) = 0;
    virtual bool running(const std::string& name) = 0;
    virtual void enable(const std::string& name) = 0;
    virtual void disable(const std::string& name) = 0;
    // Throws Error unless there are such services here.
    virtual void require(const Words& names) = 0;
    // Reads its configuration again. Nothing if there is no such service here.
    virtual void reload(const std::string& name) = 0;
    // What it has logged since it was started last.
    virtual std::string log(const std::string& name) = 0;
};

std::unique_ptr<Services> find_services(const Paths& paths);

}  // namespace pvecm
