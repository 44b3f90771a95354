#pragma once
#include "core/clock.h"
#include "core/result.h"
#include "firewall/upstream.h"
#include "mcp/cancel_scope.h"
#include "mcp/upstream_session.h"
#include "net/http.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace preloop::mcp {

/// One request on its way: POST, answer, resumed streams. Lives in the frame of its caller.
struct Flight {
  Flight(const UpstreamCall& its_call, std::uint64_t its_id)
      : call(its_call),
        id(its_id),
        idle_until(std::chrono::steady_clock::now() + its_call.idle_limit) {}

  const UpstreamCall& call;
  std::uint64_t id;
  core::MonoTime idle_until;
  CancelScope scope;
  net::Headers headers;  ///< of this request alone
  bool sent = false;     ///< bytes may have left
  int status = 0;        ///< of the HTTP answer; 0: there was none
  bool session_lost = false;
  std::optional<std::string> session_id;  ///< from the answer's head
  std::optional<core::Error> given_up;    ///< by its caller, its deadline, or a stop
  std::optional<core::Result<firewall::UpstreamAnswer>> outcome;

  core::MonoTime until() const { return std::min(idle_until, call.deadline); }
  void alive() { idle_until = std::chrono::steady_clock::now() + call.idle_limit; }
  bool is_over() const { return outcome.has_value() || given_up.has_value(); }
  void finish(core::Result<firewall::UpstreamAnswer> how) {
    if (!is_over()) {
      outcome.emplace(std::move(how));
    }
  }
  /// Ends it from outside; the first reason counts.
  void give_up(core::Code code, std::string_view why) {
    if (!is_over()) {
      given_up = core::Error{code, std::string(why), {}};
    }
    scope.cancel();
  }
  /// When nothing of it runs any more: only then is it known whether bytes left.
  void conclude() {
    if (outcome) {
      return;
    }
    core::Error error =
        given_up.value_or(core::Error{core::Code::cancelled, "the caller went away", {}});
    if (!sent && error.code != core::Code::cancelled) {
      error.code = core::Code::unavailable;
    }
    outcome.emplace(std::unexpected(std::move(error)));
  }
  void lost(const core::Error& error) {
    if (!sent) {
      finish(core::fail(
          error.code == core::Code::cancelled ? core::Code::cancelled : core::Code::unavailable,
          error.message));
    } else if (error.code == core::Code::cancelled || error.code == core::Code::deadline_exceeded) {
      finish(std::unexpected(error));
    } else {
      finish(core::fail(core::Code::internal, "the answer was lost: " + error.message));
    }
  }
};

}  // namespace preloop::mcp
