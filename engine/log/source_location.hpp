#pragma once
// std::source_location, also for clang 14 (linter, fuzz targets), which lacks the builtin that
// libstdc++'s needs.

#include <source_location>

#ifndef __cpp_lib_source_location
#include <experimental/source_location>
#endif

namespace engine::log {

#ifdef __cpp_lib_source_location
using source_location = std::source_location;
#else
using source_location = std::experimental::source_location;
#endif

}  // namespace engine::log
