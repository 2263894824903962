#pragma once
// One writer: does again and again what tools do with the files of the store, and keeps a journal of it. Errors of a
// store that is away do not end it.

#include <atomic>
#include <random>

#include "conformance/store_client/hands.hpp"
#include "conformance/store_client/journal.hpp"

namespace store_client {

struct Options {
    std::filesystem::path mount;
    std::filesystem::path folder;  // journals, and what holders of locks check each other by
    unsigned node = 1, nodes = 1, threads = 1;
    unsigned run = 0;                  // locks of different runs have different names
    unsigned locks = 4;                // that the writers of all nodes share
    std::uint64_t operations = 0;      // acknowledged ones of each thread; 0: until told to stop
    std::size_t largest = 30000;       // of the files of most writers
    std::size_t very_largest = 30000;  // of one file of the first writers of a node
};

class Writer {
public:
    // `history`: what it did before.
    Writer(const Options& options, History history, const Journal& journal, const std::atomic<bool>& stop);
    void run();  // until told to stop, or done

private:
    void work();
    void wait_for_store();
    void prepare();
    bool perform(const std::string& slot, Action action, unsigned place = 0, unsigned to = 0, std::uint64_t offset = 0,
                 std::size_t size = 0);
    Outcome outcome_of(int error) const;

    void change_file(const std::string& slot);
    void replace(const std::string& slot);
    void change_directory(const std::string& slot);
    void move_guest();
    void use_lock();
    void in_lock(const std::string& lock);
    void compare_counter(const std::string& lock, int plain);

    std::size_t random(std::size_t below);
    std::size_t size_for(const std::string& slot);

    const Options& options_;
    History history_;
    const Journal& journal_;
    const std::atomic<bool>& stop_;
    Hands hands_;
    std::mt19937_64 random_;
    std::string life_;       // of the daemon we work with
    bool in_touch_ = false;  // the last outcome that was not known has been followed by an acknowledgement
    std::uint64_t acknowledged_ = 0;
};

}  // namespace store_client
