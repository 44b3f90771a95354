#pragma once
#include "core/result.h"
#include "identity/plans.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace preloop::identity {

// Shared by the plan_*.cc files only.

/// Bounds of one account, so that the directory stays small enough to copy at each change.
constexpr std::size_t k_max_people = 10'000;
constexpr std::size_t k_max_agents = 10'000;
constexpr std::size_t k_max_keys = 20'000;

inline std::unexpected<core::Error> moved_on() {
  return core::fail(core::Code::aborted, "somebody else changed it meanwhile; read it again");
}

template <class Item, class Id>
void replace_in(std::vector<Item>& items, Id id, const Item& with) {
  std::ranges::replace_if(items, [&](const Item& item) { return item.id == id; }, with);
}

template <class Item>
std::size_t count_in(const std::vector<Item>& items, core::AccountId account) {
  return static_cast<std::size_t>(
      std::ranges::count_if(items, [&](const Item& item) { return item.account == account; }));
}

/// Every agent, or only those the actor owns.
core::Status authorize_for_agent(const PlanContext& context, std::optional<core::PersonId> owner);

Revocation revocation_of(const KeyInfo& key, std::string_view reason);

}  // namespace preloop::identity
