#pragma once
#include <cstddef>

namespace preloop::net {

/// Raises the process's limit of open files (RLIMIT_NOFILE) to the hard limit; returns what holds.
std::size_t raise_open_file_limit();

}  // namespace preloop::net
