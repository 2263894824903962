#pragma once
// What a process has used, as the kernel counts it.

#include <sys/types.h>

namespace bench {

double processor_seconds(pid_t process);  // user and system, of all its threads
struct Memory {
    double pss = 0, rss = 0;  // bytes; a shared page counts in parts in the first
};
Memory memory_of(pid_t process);
bool is_real_time(pid_t process);  // any thread of it

}  // namespace bench
