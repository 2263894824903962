#pragma once
// Doing something in several threads or processes at once, or as somebody else.

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace posix {

struct User {
    uid_t user = 0;
    gid_t group = 0;
};
User user_named(const char* name);  // throws std::runtime_error if there is none

// Each begins when all are there. Nothing may throw.
void in_threads(unsigned count, const std::function<void(unsigned)>& what);
// The same in processes; what each returns, 0..255. Other threads may not run meanwhile.
std::vector<int> in_processes(unsigned count, const std::function<int(unsigned)>& what);
int in_process(const std::function<int()>& what);
// In a process of that user, with `directory` as its current one: whoever may not reach it by its path can use it.
int as_user(const User& user, const std::string& directory, const std::function<int()>& what);

}  // namespace posix
