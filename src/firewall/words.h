#pragma once
#include "approvals/types.h"
#include "core/result.h"
#include "policy/types.h"

#include <string>
#include <string_view>

namespace preloop::firewall {

// What an agent reads when a call was not simply answered. Plain sentences that say what happened,
// whether anything was executed, and what to do next; no names of people beyond what they said.

std::string denied_text(const policy::Verdict& verdict);
/// Everything is halted.
std::string_view halted_text();
/// Nobody has decided; we stopped waiting.
std::string pending_text(core::ApprovalId request, std::string_view approvers);
/// A request that ended without execution: declined, expired, cancelled, unknown.
std::string closed_text(const approvals::Request& request);
/// Something failed and nothing was executed.
std::string failed_closed_text(const core::Error& error);
/// The upstream could not be asked; nothing was executed.
std::string not_sent_text(std::string_view server, const core::Error& error);
/// It left, and no answer came.
std::string unknown_text(std::string_view server, const core::Error& error);

}  // namespace preloop::firewall
