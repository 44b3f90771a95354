#pragma once
#include "net/http.h"

#include <optional>

namespace preloop::app {

/// The web console: its files, and its document for each address its router knows. GET and HEAD;
/// nullopt for everything else. Nothing is decided by a GET.
///
/// Files have ETags and come compressed as the client accepts; those named by their content may be
/// kept for a year. The document is never stored: each has its own nonce, which the policy allows
/// for styles and nothing else. Scripts come from this origin alone.
std::optional<net::Response> console_page(const net::Request& request);

}  // namespace preloop::app
