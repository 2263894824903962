#pragma once
// Where one check works, and what it finds wrong there. Expectations may come from several threads.

#include <fmt/format.h>
#include <sys/types.h>

#include <concepts>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/posix/calls.hpp"

namespace posix {

// What the checked store is.
struct Store {
    std::string mount;             // its root
    std::string name;              // of what this run makes in it: other runs have other names
    std::size_t largest = 524288;  // bytes in a file
    bool p9 = false;               // the later dialect of pmxcfs
    bool quick = false;            // fewer repetitions
    gid_t group = 0;               // www-data's
};

class Place {
public:
    // Makes the directories. Throws std::system_error.
    Place(const Store& store, std::string_view check);
    ~Place();  // removes whatever is left in them
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    const Store& store() const { return store_; }
    const std::string& directory() const { return directory_; }
    std::string operator/(std::string_view name) const { return fmt::format("{}/{}", directory_, name); }
    std::string root(std::string_view name) const { return fmt::format("{}/{}", store_.mount, name); }
    // How often to do what is done many times.
    unsigned times(unsigned usual) const { return store_.quick ? (usual + 7) / 8 : usual; }
    // A directory somewhere else in the store, made for this check, such as "priv" or "nodes".
    std::string elsewhere(std::string_view parent);

    void error(std::string_view what, int got, int wanted) { error(what, got, {wanted}); }
    // Where kernels differ.
    void error(std::string_view what, int got, std::initializer_list<int> wanted);
    void content(std::string_view what, std::string_view got, std::string_view wanted);
    void is_true(std::string_view what, bool so) {
        if (!so) problem(std::string(what));
    }
    template <std::integral Number>
    void equal(std::string_view what, Number got, std::type_identity_t<Number> wanted) {
        if (got != wanted) problem(fmt::format("{}: {}, should be {}", what, got, wanted));
    }
    void mode(std::string_view what, mode_t got, mode_t wanted) {
        if (got != wanted) problem(fmt::format("{}: mode {:o}, should be {:o}", what, got, wanted));
    }
    void problem(std::string what);
    std::vector<std::string> problems() const;

private:
    const Store& store_;
    std::string label_;  // of directories for this check
    std::string directory_;
    std::vector<std::string> elsewhere_;
    mutable std::mutex mutex_;
    std::vector<std::string> problems_;
};

}  // namespace posix
