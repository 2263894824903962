#pragma once
// omping as it always was: pings until it is told to end, then prints a summary. Spec omping.md section 8.

#include "tools/omping/hosts.hpp"
#include "tools/omping/options.hpp"

namespace tools::omping {

inline constexpr std::uint16_t kDefaultPort = 4321;

// What is sent to who asks for our version, behind the version whose behaviour this is.
std::string information();
void random_bytes(totem::MutableBytes out);

// The exit status. Throws Failure.
int ping(const Options& options, const Selection& hosts);

}  // namespace tools::omping
