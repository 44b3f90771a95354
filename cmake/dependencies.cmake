# Debian 12 packages (scripts/deps installs them; docs/design/dependencies.md says why each).
# Static where Debian has a static archive: fewer shared objects, faster start.
set(BOOST_ROOT /usr)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL 3 REQUIRED)
find_package(PkgConfig REQUIRED)

function(preloop_static_library name archive)
  find_library(PRELOOP_LIB_${name} NAMES ${archive} ${name} REQUIRED)
  add_library(ext_${name} INTERFACE)
  target_link_libraries(ext_${name} INTERFACE ${PRELOOP_LIB_${name}} ${ARGN})
endfunction()

preloop_static_library(boost_container libboost_container.a)
preloop_static_library(boost_json libboost_json.a ext_boost_container)
preloop_static_library(fmt libfmt.a)
preloop_static_library(spdlog libspdlog.a)
# Else its headers bring the whole implementation: 3.4 s instead of 1.3 s in core/log.cc.
target_compile_definitions(ext_spdlog INTERFACE SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
preloop_static_library(re2 libre2.a)
preloop_static_library(fyaml libfyaml.a)
preloop_static_library(argon2 libargon2.a)
preloop_static_library(sqlite3 libsqlite3.a dl m)
preloop_static_library(pq libpq.so)
preloop_static_library(curl libcurl.so)

# Abseil reads the time zone database; static libraries need their dependencies listed in order.
set(abseil "")
foreach(part log_severity spinlock_wait raw_logging_internal throw_delegate int128 base time_zone
             strings_internal strings civil_time time)
  preloop_static_library(absl_${part} libabsl_${part}.a ${abseil})
  list(PREPEND abseil ext_absl_${part})
endforeach()
find_path(PRELOOP_PQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
target_include_directories(ext_pq SYSTEM INTERFACE ${PRELOOP_PQ_INCLUDE})
