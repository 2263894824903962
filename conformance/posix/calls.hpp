#pragma once
// System calls as the checks use them: what comes back is an errno, 0 for success.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/file_descriptor.hpp"

namespace posix {

using engine::FileDescriptor;

int errno_of(long result);  // of the call that has just returned this

FileDescriptor open(const std::string& path, int flags);  // empty, with errno set, if it fails
int open_error(const std::string& path, int flags);       // opens and closes it again

int make_directory(const std::string& path);
int remove_directory(const std::string& path);
int remove(const std::string& path);  // of a file
int move(const std::string& from, const std::string& to);
int cut(const std::string& path, off_t size);
int set_mtime(const std::string& path, timespec to);

int put(const std::string& path, std::string_view content);  // makes or replaces the file
int write_at(const FileDescriptor& file, std::string_view bytes, off_t offset);
int append(const FileDescriptor& file, std::string_view bytes);  // at the file's position

// The whole content; the name of the errno in brackets if it can't be read.
std::string get(const std::string& path);
std::string get(const FileDescriptor& file);

struct stat stat_of(const std::string& path);  // of a link itself; all zero if there is none
struct stat stat_of(const FileDescriptor& file);
bool exists(const std::string& path);
std::vector<std::string> names(const std::string& directory);  // sorted, without . and ..

std::string pattern(std::size_t size);  // bytes that are different in different places
std::string error_name(int error);      // EEXIST

}  // namespace posix
