# Flags every target of ours is compiled with: warnings, sanitizers, linker.
find_program(PRELOOP_CCACHE ccache)
if(PRELOOP_CCACHE)
  # PCH needs the sloppiness, and base_dir lets several build folders share one cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${PRELOOP_CCACHE})
endif()

add_library(preloop_options INTERFACE)
target_compile_options(preloop_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror=unused-result -Werror=return-type
  -Wno-missing-field-initializers -ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -fno-omit-frame-pointer)
# Assertions of the standard library in every preset: an empty optional or expected that is read, or
# an index past the end, stops the process instead of going on with garbage.
target_compile_definitions(preloop_options INTERFACE
  _GLIBCXX_ASSERTIONS
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_TS_EXECUTORS BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=8 PRELOOP_VERSION="${PROJECT_VERSION}")
if(PRELOOP_SANITIZE)
  target_compile_options(preloop_options INTERFACE
    -fsanitize=${PRELOOP_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(preloop_options INTERFACE -fsanitize=${PRELOOP_SANITIZE})
endif()
if(PRELOOP_FUZZ)
  target_compile_options(preloop_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
# What governed calls run through, as recorded by scripts/profile: the compiler lays hot code out for
# it (docs/design/011-compiled-for-the-hot-path.md). Functions that changed since are compiled
# as they were without it, silently; names of files carry no folders, so any checkout can use it.
if(PRELOOP_PROFILE STREQUAL record)
  target_compile_options(preloop_options INTERFACE -fprofile-generate=${PROJECT_BINARY_DIR}/recorded)
  target_link_options(preloop_options INTERFACE -fprofile-generate=${PROJECT_BINARY_DIR}/recorded)
elseif(PRELOOP_PROFILE)
  target_compile_options(preloop_options INTERFACE
    -fprofile-use=${PRELOOP_PROFILE} -Wno-profile-instr-unprofiled -Wno-profile-instr-out-of-date)
endif()
if(PRELOOP_PROFILE)
  target_compile_options(preloop_options INTERFACE "SHELL:-mllvm -static-func-full-module-prefix=false")
endif()
find_program(PRELOOP_LLD ld.lld-19)
if(PRELOOP_LLD)
  target_link_options(preloop_options INTERFACE --ld-path=${PRELOOP_LLD})
endif()
find_package(Threads REQUIRED)
target_link_libraries(preloop_options INTERFACE Threads::Threads)
