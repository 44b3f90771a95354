#pragma once
#include "core/json.h"
#include "firewall/call_record.h"
#include "firewall/firewall.h"
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

  core::Task<CallResult> run();

 private:
  /// The versions a verdict was reached with; compared right before dispatch.
  struct Versions {
    policy::PolicySnapshot::Version policy;
    catalogue::CatalogueSnapshot::Version catalogue;
    identity::IdentitySnapshot::Version identity;
  };

  // The stages, in order.
  bool find_tool();
  core::Status judge();
  core::Task<CallResult> refuse();
  core::Task<CallResult> run_allowed();
  core::Task<CallResult> ask_a_person();
  core::Task<CallResult> dispatch();

  /// Reads every snapshot anew, from any thread's point of view the newest.
  void take_latest();
  /// Nothing changed since the verdict; one comparison each.
  bool is_current() const;
  /// Decides again with the newest snapshots: true when the verdict is `allow`, or is an approval
  /// that asks for nothing beyond the workflows of `approved`.
  bool still_holds(const approvals::Request* approved);

  approvals::Request approval_request() const;
  core::Task<CallResult> follow(approvals::Ticket ticket);
  core::Task<CallResult> closed(const approvals::Request& request);
  core::Task<CallResult> run_approved(const approvals::Request& request);
  core::Task<core::Status> record_outcome(Outcome outcome, const std::string& answer);
  CallResult result(CallResult::Kind kind, std::string text) const;

  const Firewall::Dependencies& services_;
  InFlightCalls& in_flight_;
  const identity::AgentPrincipal& principal_;
  const ToolCall& call_;
  CallObserver& observer_;
  const core::CallContext& context_;

  Versions versions_;
  catalogue::ToolPtr tool_;
  core::Json arguments_;
  std::string_view arguments_text_ = "{}";
  policy::Verdict verdict_;
  CallIdentity identity_;
  std::string approvers_;
  InFlightCalls::Entry entry_;  ///< from before the commit that lets it go to its outcome's
};

}  // namespace preloop::firewall
