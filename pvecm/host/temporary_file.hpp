#pragma once

#include <string>

namespace pvecm {

// A file that only root reads, gone with the object unless it is to stay. Throws Error if it can't be made.
class TemporaryFile {
public:
    // `name`: how its name begins.
    TemporaryFile(const std::string& name, const std::string& content);
    ~TemporaryFile();
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    const std::string& path() const { return path_; }
    void keep() { kept_ = true; }

private:
    std::string path_;
    bool kept_ = false;
};

}  // namespace pvecm
