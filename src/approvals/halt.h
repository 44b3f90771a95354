#pragma once
#include "core/clock.h"
#include "core/id.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::approvals {

/// What can be stopped as a whole. The registry of scopes: a new one is a new line here and in
/// `k_halt_scopes`, and asks `HaltSwitches::is_on` before it lets anything go.
enum class HaltScope : std::uint8_t { tools };

struct HaltScopeRow {
  HaltScope scope;
  std::string_view name;   ///< in commands, in REST, in the record
  std::string_view title;  ///< for people
};
inline constexpr std::array<HaltScopeRow, 1> k_halt_scopes{
    {{HaltScope::tools, "tools", "Tool calls of every agent"}}};
std::string_view to_string(HaltScope scope);
std::optional<HaltScope> parse_halt_scope(std::string_view name);

/// A halt that is on.
struct Halt {
  core::AccountId account;
  HaltScope scope = HaltScope::tools;
  std::string reason;
  std::optional<core::PersonId> person;  ///< none: this machine's administrator
  std::string person_name;
  core::WallTime since;
};

/// What every loop asks right before it lets something go: one load, no lock. Whoever set a switch
/// can rely on it once `set` has returned.
class HaltSwitches {
 public:
  bool is_on(HaltScope scope) const {
    return (bits_.load(std::memory_order_acquire) & bit(scope)) != 0;
  }
  void set(HaltScope scope, bool on) {
    if (on) {
      bits_.fetch_or(bit(scope), std::memory_order_acq_rel);
    } else {
      bits_.fetch_and(~bit(scope), std::memory_order_acq_rel);
    }
  }

 private:
  static constexpr std::uint32_t bit(HaltScope scope) { return 1U << static_cast<unsigned>(scope); }
  std::atomic<std::uint32_t> bits_ = 0;
};

}  // namespace preloop::approvals
