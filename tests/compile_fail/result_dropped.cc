// error: ignoring return value of function declared with 'nodiscard' attribute
#include "core/result.h"
#include "core/task.h"

#include <string>

namespace preloop {
core::Result<std::string> load(int row);

void plain() {
  load(1);
}
}  // namespace preloop
