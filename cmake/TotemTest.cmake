# Everything the unit tests need, for builds that want no more than them.
add_custom_target(unit_tests)

# totem_test(NAME SOURCES... LIBS ... [TIMEOUT s] [LABELS ...])
# A GoogleTest program whose cases ctest runs one by one.
function(totem_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest GTest::gmock GTest::gtest_main)
  if(NOT "sim" IN_LIST ARG_LABELS AND NOT "conformance" IN_LIST ARG_LABELS)
    add_dependencies(unit_tests ${name})
  endif()
  gtest_discover_tests(${name}
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()
