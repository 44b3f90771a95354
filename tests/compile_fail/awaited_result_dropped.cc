// error: ignoring return value of function declared with 'nodiscard' attribute
#include "core/result.h"
#include "core/task.h"

#include <string>

namespace preloop {
core::Task<core::Result<std::string>> load(int row);

core::Task<> awaited() {
  co_await load(1);
}
}  // namespace preloop
