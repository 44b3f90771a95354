#pragma once
#include "policy/document.h"

#include <string>

namespace preloop::policy {

// Single entries of a document as `write_document` prints them, in flow style on one line: what
// differences are shown in, and what two entries are compared by.

std::string flow_text(const catalogue::ServerConfig& server);
std::string flow_text(const WorkflowText& workflow);
std::string flow_text(const RuleText& rule);
std::string flow_text(const ToolText& tool);
std::string flow_text(const DefaultsText& defaults);
std::string flow_text(const TestText& test);
std::string members_text(const std::vector<std::string>& members);  ///< of a team
std::string models_text(const std::vector<std::string>& models);
/// `{name: …, description: …, tags: […]}`; `{}` when there is nothing to say.
std::string metadata_text(const Document& document);

}  // namespace preloop::policy
