#pragma once
#include "core/clock.h"

#include <string>
#include <string_view>

namespace preloop::mcp {

/// The `progress` numbers of one call, which must strictly increase (MCP, "Progress") although two
/// sources write them: we while a person is awaited, the upstream after. Ours are steps of 1/10000,
/// so that what an upstream counts from 1 on goes through unchanged. Sans-I/O.
class ProgressNumbers {
 public:
  /// The next value of ours, as a JSON number.
  std::string next_of_ours();
  /// May this notification of the upstream go to the client? Everything that is not progress may,
  /// and progress unless it would not increase.
  bool admit(std::string_view notification);

 private:
  int steps_ = 0;
  double last_ = 0;
};

/// "Waiting for approval by anyone with the role approver (290 s left)", at most 200 bytes, one
/// printable line.
std::string hold_message(std::string_view approvers, core::WallTime expires_at, core::WallTime now);

/// The params of notifications/progress; `token` is JSON.
std::string progress_params(std::string_view token,
                            std::string_view progress,
                            std::string_view message);

}  // namespace preloop::mcp
