#pragma once
#include "core/error.h"
#include "policy/compiled.h"
#include "policy/document.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace preloop::policy {

/// A document's workflows by name, `default` among them, with teams resolved to people and content
/// hashes. Problems: names that are nobody, a quorum that its people cannot reach, a name twice.
struct CompiledWorkflows {
  std::map<std::string, WorkflowPtr, std::less<>> workflows;
  std::vector<core::ErrorDetail> problems;
};
CompiledWorkflows compile_workflows(const Document& document, CompiledPolicy::Teams teams);

/// `line:column`, or `path` for what came from elsewhere than a file.
std::string place_of(const Position& at, std::string path);

}  // namespace preloop::policy
