#pragma once
// Is that a corosync.conf that every node of it would start with?

#include <string>
#include <vector>

namespace pvecm::config {

struct Judgement {
    std::vector<std::string> errors;  // with file and line where there is one
    std::vector<std::string> warnings;
    bool ok() const { return errors.empty(); }
};

// `file`: what it is called in messages. No key file is looked at.
Judgement judge(const std::string& text, const std::string& file);

}  // namespace pvecm::config
