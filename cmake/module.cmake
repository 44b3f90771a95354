# preloop_module(NAME SOURCES … [LIBRARIES …] [TESTS …] [TEST_LIBRARIES …])
#
# One folder = one static library `preloop_NAME` = one namespace. The modules it links come from
# cmake/layers.txt and from nowhere else; LIBRARIES names outside libraries only. TESTS become one
# doctest binary `NAME_test`, registered with ctest under that name.

file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/layers.txt PRELOOP_LAYER_LINES REGEX "^[a-z_]+:")
set(PRELOOP_MODULES "")
foreach(line IN LISTS PRELOOP_LAYER_LINES)
  string(REGEX MATCH "^([a-z_]+): *(.*)$" _ "${line}")
  set(module ${CMAKE_MATCH_1})
  list(APPEND PRELOOP_MODULES ${module})
  separate_arguments(PRELOOP_DEPENDS_${module} UNIX_COMMAND "${CMAKE_MATCH_2}")
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/layers.txt)

function(preloop_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES;TESTS;TEST_LIBRARIES")
  if(NOT name IN_LIST PRELOOP_MODULES)
    message(FATAL_ERROR "module '${name}' has no line in cmake/layers.txt")
  endif()
  add_library(preloop_${name} STATIC ${arg_SOURCES})
  add_library(preloop::${name} ALIAS preloop_${name})
  target_include_directories(preloop_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(preloop_${name} PUBLIC preloop_options PRIVATE ${arg_LIBRARIES})
  preloop_use_pch(preloop_${name})
  if(NOT name STREQUAL "core")
    target_link_libraries(preloop_${name} PUBLIC preloop_core)
  endif()
  foreach(dependency IN LISTS PRELOOP_DEPENDS_${name})
    if(EXISTS ${PROJECT_SOURCE_DIR}/src/${dependency}/CMakeLists.txt
       AND (PRELOOP_ONLY STREQUAL "" OR dependency IN_LIST PRELOOP_ONLY))
      target_link_libraries(preloop_${name} PUBLIC preloop_${dependency})
    endif()
  endforeach()

  if(PRELOOP_TESTS AND arg_TESTS)
    add_executable(${name}_test ${arg_TESTS} $<TARGET_OBJECTS:preloop_test_main>)
    target_link_libraries(${name}_test PRIVATE preloop_${name} ${arg_LIBRARIES} ${arg_TEST_LIBRARIES})
    target_compile_definitions(${name}_test PRIVATE PRELOOP_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    preloop_use_pch(${name}_test)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_property(GLOBAL APPEND PROPERTY PRELOOP_TEST_TARGETS ${name}_test)
  endif()
endfunction()

# preloop_embed(TARGET NAMESPACE name FILES …): compiles the files' bytes into TARGET. Generates
# "<name>.h" declaring `namespace preloop::<NAMESPACE> { std::span<const EmbeddedFile> <name>(); }`,
# the files in the order given, each with its base name.
function(preloop_embed target namespace name)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "FILES")
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded/${namespace}/${name})
  add_custom_command(
    OUTPUT ${out}.cc ${out}.h
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAMESPACE=${namespace} -DNAME=${name}
            "-DFILES=${arg_FILES}" -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${arg_FILES} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out}.cc)
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/embedded)
  add_custom_target(${target}_${name} DEPENDS ${out}.h)
  set_property(GLOBAL APPEND PROPERTY PRELOOP_GENERATED_TARGETS ${target}_${name})
endfunction()
