#pragma once
// corosync.conf of the tree as the file that corosync reads (pmxcfs.md section 12). On a thread of its own: neither the
// disk nor a reload holds up the group.

#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace cfs::daemon {

// Of a corosync.conf, found by pattern as pmxcfs does; 0 if there is none.
std::uint64_t config_version(std::string_view text);

class ConfigExport {
public:
    explicit ConfigExport(std::string path) : path_(std::move(path)), worker_(1) {}
    ~ConfigExport() { worker_.join(); }
    ConfigExport(const ConfigExport&) = delete;
    ConfigExport& operator=(const ConfigExport&) = delete;

    // Exports come in the order of the calls. Any thread may call it.
    void submit(std::string text, bool allow_reload);

private:
    void run(const std::string& text, bool allow_reload) const;

    const std::string path_;
    boost::asio::thread_pool worker_;
};

}  // namespace cfs::daemon
