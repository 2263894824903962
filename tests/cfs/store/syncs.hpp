#pragma once
// What this program asks the kernel to put on the disk. fsync() and fdatasync() are replaced for the whole program.

#include <string>

namespace cfs::store::test {

int syncs();  // so many until now

// While it lives, each sync of a file in `folder` copies that file, as it is then, to `disk`: what a machine without
// power is sure to have. One at a time.
class Disk {
public:
    Disk(std::string folder, std::string disk);
    ~Disk();
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    void copy_to(const std::string& folder) const;  // all of it as of now
};

}  // namespace cfs::store::test
