#pragma once
// What omping prints, as the original does: functions of values. Spec omping.md section 10.

#include <string>

#include "tools/omping/node.hpp"
#include "tools/omping/options.hpp"

namespace tools::omping {

// With what every line needs: the host's column and the name of the cast.
class Text {
public:
    Text(const Options& options, const std::vector<Remote>& remotes, const Address& group);

    std::string waiting(const Remote& host) const;
    std::string joined(const Remote& host) const;
    std::string stopped(const Remote& host, StopReason reason) const;
    std::string reply(const Remote& host, const Client& client, const Reply& reply) const;
    std::string summary(const Remote& host, const Client& client) const;  // one or two lines
    std::string version(const Remote& host, const Client& client) const;

private:
    std::string line(const Remote& host, std::string_view text) const;
    const char* cast(bool group) const;
    std::string cast_summary(const Client& client, bool group) const;

    Method method_;
    bool continuous_;
    std::size_t width_ = 0;
    std::string group_;
};

std::string printable(std::string_view bytes);  // \xHH for all but printable ASCII, \\ for a backslash

}  // namespace tools::omping
