# Most files of a target are compiled several at a time (CMAKE_UNITY_BUILD), for most of the work is in the headers.
# compile_alone(SOURCES...): not these, whose internal names others have, too.
function(compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
