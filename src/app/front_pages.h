#pragma once
#include "net/http.h"

#include <optional>

namespace preloop::app {

/// The plain page for people while there is no console: making the owner, confirming a terminal's
/// login, what to do next. GET and HEAD of `/`, `/setup`, `/reset`, `/login`, `/approval/{id}` and
/// of its script and style; nullopt for everything else. Nothing is decided by a GET.
std::optional<net::Response> front_page(const net::Request& request);

}  // namespace preloop::app
