#pragma once
// What the stores of a run write to: a folder on a disk, or in memory, so that the disk's part can be told from the
// protocol's.

#include <cstdint>
#include <filesystem>
#include <string>

namespace bench {

struct Medium {
    std::string name;  // "disk" or "tmpfs"
    std::filesystem::path folder;
    bool in_memory() const { return name == "tmpfs"; }
};

// Laboratories made from now on have their files there. LabError if the folder is not on such a medium.
void use(const Medium& medium);
std::string describe(const Medium& medium);  // "ext4 on /dev/sda1"

void sync_file_system(const std::filesystem::path& folder);  // returns when nothing of it waits to be written
// Bytes written to the device of that folder since it was started; 0 if it has no count.
std::uint64_t bytes_to_device(const std::filesystem::path& folder);

}  // namespace bench
