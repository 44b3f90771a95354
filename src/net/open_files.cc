#include "net/open_files.h"

#include <sys/resource.h>

namespace preloop::net {

std::size_t raise_open_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return 1024;
  }
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return before;
  }
  return limit.rlim_cur;
}

}  // namespace preloop::net
