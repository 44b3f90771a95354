#pragma once
#include "catalogue/catalogue.h"
#include "core/error.h"
#include "identity/directory.h"
#include "policy/document.h"

#include <vector>

namespace preloop::policy {

/// What a document names that is not there.
struct NameProblems {
  std::vector<core::ErrorDetail> errors;
  std::vector<core::ErrorDetail> warnings;
};

/// Checks the names of tools, servers, agents, keys and people against what exists. A tool that no
/// server has is an error once every server has been listed, and a warning before, for a pattern
/// with `*`, and for a name that the policy in force has already (its server may have dropped it,
/// and applying an export must not fail). Servers are those of the document when it has a section,
/// else those of the catalogue. Pure.
NameProblems check_names(const Document& document,
                         const Document& in_force,
                         const catalogue::Catalogue& catalogue,
                         const identity::Directory& directory,
                         core::AccountId account);

}  // namespace preloop::policy
