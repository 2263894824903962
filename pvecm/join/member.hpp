#pragma once
// A member of the cluster as the node that joins talks to it: OpenSSH as root. Spec pvecm.md section 6.3.
// Errors are Error.

#include <map>
#include <optional>
#include <string>

#include "pvecm/config/cluster.hpp"
#include "pvecm/host/paths.hpp"
#include "pvecm/words.hpp"

namespace pvecm::join {

struct JoinRequest {
    std::string node;
    std::optional<long> nodeid, votes;
    std::map<unsigned, config::Link> links;  // none: the fallback on the one link there is
    std::string fallback;
};

class Member {
public:
    Member(const Paths& paths, std::string host) : paths_(paths), host_(std::move(host)) {}

    // Lets root of this node in there. May ask on the terminal for the password.
    void copy_key() const;
    // Of its join interface; nothing if it is too old to have one.
    std::optional<long> api_version() const;
    void add_node(const JoinRequest& request, std::optional<long> api_version) const;
    std::string read_file(const std::string& path) const;  // any bytes

    // For tests: the words after "pvecm".
    static Words add_node_words(const JoinRequest& request, std::optional<long> api_version);

private:
    Words command(const Words& words) const;

    const Paths& paths_;
    const std::string host_;
};

}  // namespace pvecm::join
