// error: ignoring return value of function declared with 'nodiscard' attribute
#include "core/result.h"
#include "core/task.h"

#include <string>

namespace preloop {
core::Status save(int row);

void plain() {
  save(1);
}
}  // namespace preloop
