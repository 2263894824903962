#pragma once
// Services where no systemd runs: containers, laboratories, tests. A service is started as a process of its own session
// and found again by its pid file. Which command it is, is set by PVECM_SERVICE_COROSYNC and the like, in the
// environment or in /etc/default/pvecm.

#include <optional>

#include "pvecm/host/services.hpp"

namespace pvecm {

class Runner final : public Services {
public:
    explicit Runner(const Paths& paths);

    void start(const Words& names) override;
    void stop(const Words& names) override;
    void restart(const Words& names) override;
    bool running(const std::string& name) override { return process(name).has_value(); }
    void enable(const std::string&) override {}  // nothing starts them but we
    void disable(const std::string&) override {}
    void require(const Words& names) override;
    void reload(const std::string& name) override;
    std::string log(const std::string& name) override;

    // The store with its file system, but outside of any cluster, whatever it has stored. Stopped as the service is.
    void start_store_alone() const;

private:
    // How a service tells that it is ready.
    enum class Ready {
        notification,  // sends READY=1 to NOTIFY_SOCKET, in the foreground
        parent_ends,   // goes to the background then
    };
    struct Service {
        std::string name;
        Words command;
        std::string pid_file;
        Ready ready = Ready::notification;
        bool (*answers)() = nullptr;  // what can be asked of one that was built without notification, as 2.x may be
    };

    const Service& find(const std::string& name) const;
    std::optional<int> process(const std::string& name) const;  // its pid
    void start_one(const Service& service) const;
    void stop_one(const Service& service) const;
    std::string log_file(const Service& service) const;
    std::string log_of(const Service& service) const;
    void mark_start(const Service& service) const;

    const Paths paths_;
    std::vector<Service> services_;  // in the order they start
};

}  // namespace pvecm
