#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace pvecm::guests {

// Jobs that run beside each other, some at a time. They must not throw.
class Workers {
public:
    explicit Workers(std::size_t most) : most_(most) {}
    ~Workers() { finish(); }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    void begin(std::function<void()> job);  // waits until there is room for it
    void finish();                          // waits for all

private:
    const std::size_t most_;
    std::size_t running_ = 0;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::vector<std::thread> threads_;
};

}  // namespace pvecm::guests
