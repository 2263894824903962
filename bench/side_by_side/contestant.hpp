#pragma once
// Who is compared: an engine, how it is transported and how its packets are protected.

#include <string>
#include <vector>

#include "conformance/lab/lab.hpp"

namespace bench {

// Written "totemd:udp", "corosync:knet+aes256-sha256". The ring of an engine "mixed" has one real corosync, its last
// node, among totemd; of "mixed2" a 2.x one.
struct Contestant {
    std::string engine;     // totemd, corosync, corosync2, mixed, mixed2
    std::string transport;  // udp, udpu, knet
    std::string suite;      // CIPHER-HASH, a cipher of totemd's own, or "" for none

    std::string name() const;
    bool ours() const { return engine == "totemd"; }
    bool mixed() const { return engine == "mixed" || engine == "mixed2"; }
    bool real() const { return !ours() && !mixed(); }
    bool protects() const { return !suite.empty(); }
    bool native() const { return suite == "aes256-gcm" || suite == "xchacha20"; }  // totemd's own protection
    bool second_dialect() const;                                                   // 2.x
    bool operator==(const Contestant&) const = default;
};

Contestant parse_contestant(const std::string& name);  // LabError that says what is wrong
// Whether it is meant by a word such as "totemd", "totemd:udp" or its whole name.
bool is_meant(const Contestant& contestant, const std::string& word);

// Those compared unless others are asked for: all of one kind of protection, "off" or "on".
std::vector<Contestant> usual_contestants(const std::string& protection);
// What is missing to run it, as advice; "" if nothing is.
std::string missing(const Contestant& contestant);
std::string version(const Contestant& contestant);  // what the daemon says of itself

lab::Plan plan_of(const Contestant& contestant, unsigned nodes, bool real_time);

}  // namespace bench
