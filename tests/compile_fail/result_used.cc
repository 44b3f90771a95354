// The control for the files beside it: the same calls with their errors handled.
#include "core/result.h"
#include "core/task.h"

#include <string>

namespace preloop {
core::Status save(int row);
core::Task<core::Status> save_later(int row);
core::Task<core::Result<std::string>> load_later(int row);

core::Status plain() {
  PRELOOP_CHECK(save(1));
  return {};
}

core::Task<core::Status> awaited() {
  PRELOOP_CO_CHECK(co_await save_later(1));
  PRELOOP_CO_TRY(std::string value, co_await load_later(1));
  co_return save(static_cast<int>(value.size()));
}
}  // namespace preloop
