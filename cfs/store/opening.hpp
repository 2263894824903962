#pragma once
// From a path to an open database and its tree. Internal to cfs/store.

#include "cfs/store/log_file.hpp"
#include "cfs/store/store.hpp"

namespace cfs::store {

struct OpenedFile {
    LogFile log;
    Tree tree;
    bool created = false;
};

Or<OpenedFile> open_file(const Options& options, Events& events);

}  // namespace cfs::store
