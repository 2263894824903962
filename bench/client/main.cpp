// cpg-bench: throughput and latency of closed process groups, seen by an unmodified libcpg program. The same binary
// runs on totemd and on corosync; it prints one line of JSON.
//
// Every participant joins the group and waits until --members processes are in it. Of those, --senders send: as fast
// as flow control allows, or one message at a time ("probe"). A sender's last message says so; a participant ends when
// it has the last message of every sender, so all of them have seen the same sequence, whose hash they report.

#include <CLI/CLI.hpp>
#include <iostream>

#include "bench/client/participant.hpp"
#include "bench/client/watch.hpp"

int main(int argc, char** argv) {
    bench::Options options;
    std::string role = "receive";
    const std::map<std::string, bench::Role> roles = {
        {"send", bench::Role::send}, {"probe", bench::Role::probe}, {"receive", bench::Role::receive}};
    CLI::App app{"cpg-bench: throughput and latency of closed process groups"};
    app.add_option("--role", role,
                   "send, probe (one message at a time), receive, or watch: print the members of the ring whenever "
                   "they change")
        ->check(CLI::IsMember({"send", "probe", "receive", "watch"}))
        ->capture_default_str();
    app.add_option("--group", options.group)->capture_default_str();
    app.add_option("--size", options.size, "bytes per message")->check(CLI::Range(8, 1047552))->capture_default_str();
    app.add_option("--members", options.members, "processes to wait for")->capture_default_str();
    app.add_option("--senders", options.senders, "how many of them send or probe")->capture_default_str();
    app.add_option("--warm-up", options.warm_up, "seconds that do not count")->capture_default_str();
    app.add_option("--seconds", options.seconds, "that do")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--pause", options.pause, "seconds a probe waits between messages")->capture_default_str();
    app.add_option("--in-flight", options.in_flight, "own messages under way at most, 0 = no limit");
    app.add_flag("--wait", options.wait, "print 'ready', and begin when the input ends");
    CLI11_PARSE(app, argc, argv);
    try {
        if (role == "watch") {
            bench::watch();
            return 0;
        }
        options.role = roles.at(role);
        std::cout << bench::Participant(options).run().dump() << std::endl;
    } catch (const std::exception& error) {
        std::cerr << "cpg-bench: " << error.what() << '\n';
        return 1;
    }
}
