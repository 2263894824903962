#pragma once
// Whole files. Spec pvecm.md section 3.4. Errors are Error.

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace pvecm {

// Nothing if there is no such file. Throws Error if it can't be read.
std::optional<std::string> read_file(const std::string& path);

// Complete and on disk under its name, or the old content stays.
void write_file(const std::string& path, std::string_view text, mode_t mode = 0644);

bool exists(const std::string& path);  // a dangling link too
bool is_link(const std::string& path);
bool is_regular(const std::string& path);
void make_folder(const std::string& path, mode_t mode = 0755);  // and those above it, if they are missing
void remove_file(const std::string& path);                      // fine if there is none
void rename_file(const std::string& from, const std::string& to);
// Puts a symbolic link there, whatever was there before. False if it can't.
bool make_link(const std::string& target, const std::string& path);

}  // namespace pvecm
