#pragma once
// Commands on other hosts, over OpenSSH as root and without questions. Errors are Error.

#include <string>

#include "pvecm/words.hpp"

namespace pvecm {

class Remote {
public:
    explicit Remote(std::string address) : address_(std::move(address)) {}

    // Standard output; the words arrive as they are.
    std::string run(const Words& command) const;
    void copy_to(const std::string& file, const std::string& there) const;
    std::string read(const std::string& file) const { return run({"cat", file}); }

private:
    std::string address_;
};

// As a shell reads it back as one word.
std::string quoted(const std::string& word);

}  // namespace pvecm
