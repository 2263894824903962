#pragma once
// Inside the library: one change of a laboratory at a time, whichever program makes it.

#include <fcntl.h>
#include <sys/file.h>

#include "conformance/lab/lab.hpp"

namespace lab {

// Holds the laboratory's lock, starts from what is on record and puts the outcome on record.
class Lab::Change {
public:
    explicit Change(Lab& lab) : lab_(lab), lock_(open_file(lab.directory() / "lock", O_RDWR | O_CREAT)) {
        check(::flock(lock_.get(), LOCK_EX), "cannot lock the laboratory");
        if (auto recorded = load(lab.name())) lab.manifest_ = std::move(*recorded);
    }
    void done() { save(lab_.manifest_); }

private:
    Lab& lab_;
    FileDescriptor lock_;
};

}  // namespace lab
