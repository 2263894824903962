#pragma once
// The highest number of expected votes ever seen, kept for quorum.expected_votes_tracking. Spec votequorum.md
// section 8.

#include <cstdint>
#include <string>

namespace engine {

// Four bytes in native order, `ev_tracking` in the state directory, created with 0. Functions throw std::system_error.
class TrackingFile {
public:
    explicit TrackingFile(const std::string& state_dir) : path_(state_dir + "/ev_tracking") {}

    const std::string& path() const { return path_; }
    std::uint32_t load();
    // On disk when it returns. The value only grows, so this is rare.
    void store(std::uint32_t barrier);

private:
    std::string path_;
};

}  // namespace engine
