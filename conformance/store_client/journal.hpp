#pragma once
// What the writers of a node did, on disk outside of the store: a line before an operation, and one when it has ended.
// A line is one write to the file, so that it is there whoever is killed afterwards.
//
//   THREAD B NUMBER SLOT ACTION PLACE TO OFFSET SIZE   begins
//   THREAD A | R | U                                   acknowledged, refused, unknown
//   THREAD V TEXT                                      something that must not be: two holders of a lock

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "conformance/lab/system.hpp"
#include "conformance/store_client/history.hpp"

namespace store_client {

// May be used by several threads at once.
class Journal {
public:
    Journal(const std::filesystem::path& folder, unsigned node);
    void begin(unsigned thread, const Operation& operation) const;
    void end(unsigned thread, Outcome outcome) const;
    void violation(unsigned thread, const std::string& text) const;

private:
    void line(const std::string& text) const;
    lab::FileDescriptor file_;
};

struct Recorded {
    std::map<WriterId, History> histories;
    std::vector<std::string> violations;
};

// All journals of a folder. Errors are std::runtime_error.
Recorded read_journals(const std::filesystem::path& folder);
Recorded read_journal(const std::filesystem::path& folder, unsigned node);
std::filesystem::path journal_path(const std::filesystem::path& folder, unsigned node);

}  // namespace store_client
