#pragma once
// The service engines of a node on top of its stack, and their clients.
// Spec totempg-sync-services.md section 7 (ids, load order), client-ipc.md.

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "engine/daemon/administration.hpp"
#include "engine/daemon/daemon.hpp"
#include "engine/exec/executive.hpp"
#include "engine/why/recorder.hpp"
#include "totem/crypto/key_ring.hpp"
#include "totem/stack/stack.hpp"

namespace engine {

class Services {
public:
    struct Hooks {
        std::function<void()> before_clients, after_clients;  // around work done for clients
        std::function<void(bool)> client_bursts;              // around such turns of one wake-up
        std::function<void(int)> exit;                        // as ServiceEvents::Orders
        std::shared_ptr<totem::crypto::KeyRing> keys;         // of the native packet protection, if that is in force
        AdministrationHooks administration;
    };

    // Loads the services, before the stack starts; everything must outlive this object. Throws
    // std::exception if a service can't be started.
    Services(boost::asio::io_context& io, const DaemonSetup& setup, totem::Stack& stack, const totem::Identity& self,
             why::Recorder& changes, Hooks hooks);
    ~Services();

    // As of ipc::Server.
    void before_token();
    void after_token();
    // Timers of services: on_timeout() once next_timeout() has passed, with the stack's time set.
    totem::Instant next_timeout() const;
    void on_timeout();
    void configuration(const totem::srp::Configuration& change);
    void sync_started();
    void sync_completed();
    // What services want to say in the very first ring; before the stack starts, with its time set.
    void start();
    // Lets clients go and unloads the services.
    void unload();

    Executive& executive();
    // One line per group and so on, for a state dump.
    void dump(LogSink& log) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace engine
