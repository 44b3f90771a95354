#pragma once
#include "core/error.h"

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace preloop::cli {

struct Context;

/// The body that sends a document: {"document": yaml, "prune": true}.
std::string document_body(const std::string& yaml, bool prune = false);

/// `3:6` of a document is `policy.yaml:3:6` to whoever has the file open.
std::string in_file(const std::string& path, std::string_view place);
/// The same for an error about the document.
core::Error in_file(const std::string& path, core::Error error);

/// Registers what tries a policy out and changes nothing: test, replay, suggest, starter, explain.
void add_policy_trials(CLI::App& noun, Context& context);

}  // namespace preloop::cli
