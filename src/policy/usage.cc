#include "policy/usage.h"

#include "cel/time.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

namespace preloop::policy {
namespace {

using cel::Kind;
using cel::Value;

class NoUsage final : public Usage {
 public:
  std::int64_t calls(const ToolPattern&, core::WallTime) const override { return 0; }
  std::vector<UsedTool> tools_used(core::WallTime) const override { return {}; }
  std::vector<UsedTool> tools_used_in_session() const override { return {}; }
  std::int64_t calls_in_session() const override { return 0; }
};

const UsageHost* host_of(const cel::Frame& frame) {
  const auto* const host = static_cast<const UsageHost*>(frame.host());
  return host == nullptr || host->usage == nullptr ? nullptr : host;
}

/// The beginning of a window; nullopt when it is negative or too long.
std::optional<core::WallTime> since(const UsageHost& host, const Value& window) {
  const std::int64_t nanoseconds = window.as_duration();
  const auto length =
      std::chrono::duration_cast<core::WallTime::duration>(std::chrono::nanoseconds(nanoseconds));
  if (nanoseconds < 0 || length > k_longest_window) {
    return std::nullopt;
  }
  return host.now - length;
}

Value calls(cel::Frame& frame, std::span<const Value> args) {
  if (!args[0].is(Kind::string) || !args[1].is(Kind::duration)) {
    return Value::of_overload_error(args[0].kind(), args[1].kind());
  }
  const UsageHost* const host = host_of(frame);
  if (host == nullptr) {
    return Value::of_error(cel::ErrorCode::unavailable);
  }
  const auto from = since(*host, args[1]);
  const auto pattern = ToolPattern::parse(args[0].as_text());
  if (!from || !pattern) {
    return Value::of_error(!from ? cel::ErrorCode::out_of_range : cel::ErrorCode::invalid_text);
  }
  const std::int64_t count = host->usage->calls(*pattern, *from);
  frame.spend(static_cast<std::size_t>(count));
  return Value::of_int(count);
}

Value tools_used(cel::Frame& frame, std::span<const Value> args) {
  if (!args[0].is(Kind::map) || !args[1].is(Kind::duration)) {
    return Value::of_overload_error(args[0].kind(), args[1].kind());
  }
  const UsageHost* const host = host_of(frame);
  if (host == nullptr) {
    return Value::of_error(cel::ErrorCode::unavailable);
  }
  const auto from = since(*host, args[1]);
  if (!from) {
    return Value::of_error(cel::ErrorCode::out_of_range);
  }
  return list_of(frame, host->usage->tools_used(*from));
}

constexpr cel::Function k_functions[] = {
    {.name = "calls",
     .style = cel::CallStyle::global,
     .min_args = 2,
     .max_args = 2,
     .body = calls,
     .signatures = "(string, duration) -> int",
     .summary = "How many calls of the tools a pattern names this agent made within the duration"},
    {.name = "tools_used",
     .style = cel::CallStyle::member,
     .min_args = 2,
     .max_args = 2,
     .body = tools_used,
     .signatures = "(A, duration) -> list(dyn)",
     .summary = "The tools this agent used within the duration, each once: name, server"},
};

}  // namespace

const Usage& no_usage() {
  static const NoUsage k_none;
  return k_none;
}

std::span<const cel::Function> usage_functions() {
  return k_functions;
}

bool is_usage_function(std::string_view name) {
  return std::ranges::any_of(k_functions, [&](const auto& known) { return known.name == name; });
}

Value list_of(cel::Frame& frame, const std::vector<UsedTool>& tools) {
  if (!frame.spend(tools.size())) {
    return Value::null();
  }
  Value* const items = frame.allocate<Value>(tools.size());
  cel::MapEntry* const entries = frame.allocate<cel::MapEntry>(tools.size() * 2);
  if (frame.broken()) {
    return Value::null();
  }
  for (std::size_t i = 0; i < tools.size(); ++i) {
    entries[2 * i] = {Value::of_string("name"), frame.make_string(tools[i].name)};
    entries[2 * i + 1] = {Value::of_string("server"), frame.make_string(tools[i].server)};
    items[i] = Value::of_map({entries + 2 * i, 2});
  }
  return Value::of_list({items, tools.size()});
}

namespace {

std::size_t occurrences(std::string_view text, const re2::RE2& pattern) {
  re2::StringPiece rest(text.data(), text.size());
  std::size_t count = 0;
  while (re2::RE2::FindAndConsume(&rest, pattern)) {
    ++count;
  }
  return count;
}

}  // namespace

core::Result<CountedCalls> counted_calls(std::string_view condition) {
  static const re2::RE2 k_calls(R"(\bcalls\s*\()");
  static const re2::RE2 k_tools_used(R"(\btools_used\s*\()");
  static const re2::RE2 k_literal(
      R"RE((?:\bcalls\s*\(\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*,|\btools_used\s*\()\s*)RE"
      R"RE(duration\s*\(\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*\)\s*\))RE");
  static const re2::RE2 k_named(R"RE(\bcalls\s*\(\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*,)RE");
  const std::size_t all_calls = occurrences(condition, k_calls);
  CountedCalls out;
  std::string name, other_name, length, other_length;
  re2::StringPiece rest(condition.data(), condition.size());
  while (re2::RE2::FindAndConsume(&rest, k_named, &name, &other_name)) {
    PRELOOP_TRY(ToolPattern pattern, ToolPattern::parse(name.empty() ? other_name : name));
    out.tools.push_back(std::move(pattern));
  }
  out.every_tool = out.tools.size() != all_calls;
  std::size_t literal = 0;
  rest = re2::StringPiece(condition.data(), condition.size());
  while (re2::RE2::FindAndConsume(&rest, k_literal, &name, &other_name, &length, &other_length)) {
    ++literal;
    const auto parsed = cel::parse_duration(length.empty() ? other_length : length);
    const auto window =
        std::chrono::ceil<core::seconds>(std::chrono::nanoseconds(parsed.value_or(0)));
    if (window > k_longest_window) {
      return core::fail(core::Code::invalid_argument,
                        "a window is at most 31 days: duration('744h')");
    }
    out.window = std::max(out.window, window);
  }
  if (literal != all_calls + occurrences(condition, k_tools_used)) {
    out.window = k_longest_window;  // computed
  }
  return out;
}

}  // namespace preloop::policy
