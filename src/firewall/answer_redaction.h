#pragma once
#include "core/result.h"
#include "policy/redaction.h"

#include <string>
#include <string_view>
#include <vector>

namespace preloop::firewall {

using Redactions = std::vector<const policy::Redaction*>;
using RedactionList = policy::RedactionRules policy::Redaction::*;

/// JSON text after that list of every setting; an error when one cannot look through it. The text
/// itself when the list is empty everywhere.
core::Result<std::string> redact_json(std::string_view json,
                                      const Redactions& redactions,
                                      RedactionList list);

/// The same for a tool's result (MCP `CallToolResult`): paths are looked for in structuredContent
/// and in every text block that is JSON itself; patterns and detectors in every string.
core::Result<std::string> redact_result(std::string_view result,
                                        const Redactions& redactions,
                                        RedactionList list);

/// The same for a result of MCP 2026-07-28 that asks the client for more input, for the agent: its
/// `requestState`, which only the server reads, stays as it is.
core::Result<std::string> redact_questions(std::string_view result, const Redactions& redactions);

/// Does a result ask the client for more input (MCP 2026-07-28, `resultType: input_required`)?
bool asks_for_input(std::string_view result);

}  // namespace preloop::firewall
