#pragma once
#include "cel/function.h"
#include "core/clock.h"
#include "policy/patterns.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// No condition looks further back.
constexpr core::seconds k_longest_window{31 * 24 * 3600};

/// A tool that was let go, by its names. Views live as long as the usage.
struct UsedTool {
  std::string_view server, name;
};

/// What the calling agent did before, as conditions ask for it. A call counts from the moment a
/// verdict let it go (or holds its place while a person decides) until it is older than the window
/// or provably never left. The call being decided does not count. Times are inclusive.
class Usage {
 public:
  virtual ~Usage() = default;
  virtual std::int64_t calls(const ToolPattern& tools, core::WallTime since) const = 0;
  /// Each tool once, by first use.
  virtual std::vector<UsedTool> tools_used(core::WallTime since) const = 0;
  virtual std::vector<UsedTool> tools_used_in_session() const = 0;
  virtual std::int64_t calls_in_session() const = 0;
};

/// An agent that never did anything.
const Usage& no_usage();

/// What the functions below find behind cel::Activation::host. `usage` null: they are errors.
struct UsageHost final : cel::Host {
  const Usage* usage = nullptr;
  core::WallTime now;
};

/// `calls(tool, duration)` and `agent.tools_used(duration)`, for CompileOptions::functions.
std::span<const cel::Function> usage_functions();

/// A list of {name, server}; null when the evaluation's memory is used up.
cel::Value list_of(cel::Frame& frame, const std::vector<UsedTool>& tools);

/// Does a function of that name look at usage?
bool is_usage_function(std::string_view name);

/// What a condition counts, as far as its text tells.
struct CountedCalls {
  std::vector<ToolPattern> tools;
  bool every_tool = false;  ///< a name that is computed: any
  core::seconds window{0};  ///< the longest
};
/// invalid_argument for a window longer than k_longest_window or a name that is no tool's.
core::Result<CountedCalls> counted_calls(std::string_view condition);

}  // namespace preloop::policy
