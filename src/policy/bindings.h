#pragma once
#include "cel/arena.h"
#include "cel/evaluate.h"
#include "policy/decide.h"
#include "policy/usage.h"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace preloop::policy {

/// The values conditions read (k_condition_variables), bound once a decision and shared by every
/// rule. `details` says whether facts whose text must be made first are wanted. Points into itself
/// and into the facts.
class Bindings {
 public:
  Bindings(const CallFacts& facts, bool details);
  Bindings(const Bindings&) = delete;
  Bindings& operator=(const Bindings&) = delete;
  ~Bindings();

  cel::Activation activation() const { return {variables_, &host_}; }
  /// The value of a variable's path; nullopt when there is none.
  std::optional<cel::Value> find(const cel::Reference& reference) const;

 private:
  struct Details;

  void bind_details(const CallFacts& facts);
  void bind_session(const CallFacts& facts);

  std::array<cel::MapEntry, 4> annotations_;
  std::array<cel::MapEntry, 5> tool_;
  std::array<cel::MapEntry, 5> agent_;
  std::array<cel::MapEntry, 2> key_;
  std::vector<cel::Value> tags_;
  std::array<cel::Binding, 7> variables_;
  UsageHost host_;
  std::unique_ptr<Details> details_;
};

}  // namespace preloop::policy
