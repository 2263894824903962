#pragma once
// The sockets: one for unicast and all sending, one that receives the group. Spec omping.md section 2.
// One thread.

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "tools/omping/hosts.hpp"
#include "tools/omping/node.hpp"
#include "tools/omping/time.hpp"

namespace tools::omping {

class FileDescriptor {
public:
    explicit FileDescriptor(int fd = -1) : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept;
    ~FileDescriptor();

    int get() const { return fd_; }

private:
    int fd_;
};

Now clock_now();

// What a datagram's ancillary data say: when the kernel had it.
Now kernel_time(const struct msghdr& message);

class Sockets final : public NodePort {
public:
    // `port`: of all nodes; a client-only node has one of its own. Throws Failure.
    Sockets(const Options& options, const Selection& hosts, std::uint16_t port);

    void join();  // the group, or that of each remote host
    void leave();
    bool joined() const { return joined_; }
    // Datagrams that do not fit are no error then, and routers may not cut them.
    void dont_fragment(bool on);

    void send(const Endpoint& to, Bytes message) override;
    void send_to_group(std::uint16_t port, Bytes message) override;

    int unicast() const { return unicast_.get(); }
    int group() const { return group_.get(); }
    // The next datagram there, if there is one; valid until the next call.
    std::optional<Reception> receive(bool group);

private:
    void open_unicast();
    void open_group(std::uint16_t port);
    void change_membership(bool join);
    void set_sending(int fd) const;
    void set_buffers(int fd) const;

    const Options options_;
    const Selection hosts_;
    FileDescriptor unicast_, group_;
    std::uint16_t port_;
    bool joined_ = false, dont_fragment_ = false;
    std::vector<std::uint8_t> buffer_;
};

}  // namespace tools::omping
