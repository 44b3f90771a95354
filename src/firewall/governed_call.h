#pragma once
#include "core/json.h"
#include "firewall/call_record.h"
#include "firewall/dispatch.h"
#include "firewall/firewall.h"
#include "firewall/justification.h"
#include "identity/directory.h"

#include <string>

namespace preloop::firewall {

/// One call on its way through the stages of firewall.h, with what it has learnt so far. Lives in
/// Firewall::call's frame, on the loop of the call.
class GovernedCall {
 public:
  GovernedCall(const Firewall::Dependencies& services,
               InFlightCalls& in_flight,
               const identity::AgentPrincipal& principal,
               const ToolCall& call,
               CallObserver& observer,
               const core::CallContext& context);

  core::Task<void> run();
  /// Where calls are counted: a place that was taken and not used.
  bool has_unused_place() const { return place_.has_value(); }
  core::Task<void> release_place();
  CallResult take_result() { return std::move(out_); }

 private:
  /// The versions a verdict was reached with; compared right before dispatch.
  struct Versions {
    policy::PolicySnapshot::Version policy;
    catalogue::CatalogueSnapshot::Version catalogue;
    identity::IdentitySnapshot::Version identity;
  };

  // The stages, in order.
  bool find_tool();
  /// Takes our own argument out, where the policy asks for one.
  void take_justification();
  core::Status judge();
  /// The same where calls are counted; takes a place unless the verdict is `deny`.
  core::Task<core::Status> judge_counted();
  /// Everything a decision may look at; fails when the credential is no longer valid.
  core::Result<policy::CallFacts> facts();
  bool is_counted() const { return versions_.policy->state().concerns(*tool_); }
  bool is_halted() const {
    return services_.approvals.switches().is_on(approvals::HaltScope::tools);
  }
  void deny_as_halted();
  core::Task<void> refuse();
  core::Task<void> run_allowed();
  /// True when there is a request to follow.
  core::Task<bool> ask_a_person();
  core::Task<void> dispatch();

  /// Reads every snapshot anew, from any thread's point of view the newest.
  void take_latest();
  /// Nothing changed since the verdict; one comparison each.
  bool is_current() const;
  /// Decides again with the newest snapshots: true when the verdict is `allow`, or is an approval
  /// that asks for nothing beyond the workflows of `approved`.
  core::Task<bool> still_holds(const approvals::Request* approved);

  core::Digest call_key() const;
  approvals::Request approval_request() const;
  core::Task<void> follow();
  core::Task<bool> use(core::ApprovalId id);
  core::Task<void> closed(const approvals::Request& request);
  core::Task<bool> run_approved(const approvals::Request& request);
  core::Task<void> give_up(core::ApprovalId id);
  core::Task<void> withdraw();
  core::Result<std::string> for_agent(const Answer& answer) const;
  /// `shown` is what the agent gets of the answer, and what is kept for a retry.
  core::Task<core::Status> record_outcome(Outcome outcome,
                                          const std::string& answer,
                                          std::string shown);

  // How it ended, once a stage knows.
  void end(CallResult::Kind kind, std::string text);
  void end(const core::Error& error);
  void end_with(CallResult::Kind kind, std::string json);

  const Firewall::Dependencies& services_;
  InFlightCalls& in_flight_;
  const identity::AgentPrincipal& principal_;
  const ToolCall& call_;
  CallObserver& observer_;
  const core::CallContext& context_;

  Versions versions_;
  catalogue::ToolPtr tool_;
  /// The place that was taken in the count, while nothing has gone that it stands for.
  std::optional<core::CallId> place_;
  std::optional<WithoutJustification> stripped_;
  core::Json arguments_;
  std::string_view arguments_text_ = "{}";
  policy::Verdict verdict_;
  CallIdentity identity_;
  std::string approvers_;
  approvals::State followed_ = approvals::State::pending;  ///< of its request, as last seen
  approvals::RequestPtr request_;                          ///< as last seen, until it is used
  bool is_unsure_ = false;                                 ///< still_holds could not find out
  int lost_races_ = 0;          ///< for an approval that somebody else was to have used
  InFlightCalls::Entry entry_;  ///< from before the commit that lets it go to its outcome's
  CallResult out_;
};

}  // namespace preloop::firewall
