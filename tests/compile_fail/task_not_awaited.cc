// error: ignoring return value of function declared with 'nodiscard' attribute
#include "core/result.h"
#include "core/task.h"

#include <string>

namespace preloop {
core::Task<> work();

core::Task<> awaited() {
  work();
  co_return;
}
}  // namespace preloop
