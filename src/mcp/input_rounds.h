#pragma once
#include "core/clock.h"
#include "core/json.h"
#include "core/result.h"
#include "core/secret.h"
#include "firewall/answer_redaction.h"
#include "firewall/upstream.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::mcp {

// Results that ask for more input (MCP 2026-07-28): the client makes the call again with the
// answers, and with the state that the server gave it. Pure.

using firewall::asks_for_input;

struct InputRequired {
  struct Question {
    std::string key;
    std::string method;
    std::string params;  ///< a JSON object, or empty
  };
  std::vector<Question> questions;
  std::optional<std::string> state;  ///< JSON text of the server's requestState
};
/// `invalid_argument` for one that nobody can answer.
core::Result<InputRequired> read_input_required(std::string_view result);

/// `params` without what brings answers.
std::string without_answers(core::Json params, std::string_view params_text);
/// `params` as they are sent again: with the answers, by the keys of the questions (JSON).
std::string with_answers(core::Json params,
                         std::string_view params_text,
                         const std::map<std::string, std::string>& answers,
                         const std::optional<std::string>& state);

/// Wraps a server's state for the client that carries it, so that it can be read by nobody, made by
/// nobody else, and used for no other call. Keyed anew by each process. Thread-safe.
class StateSeal {
 public:
  static constexpr core::seconds k_valid_for{3'600};

  StateSeal();
  /// `bound`: the caller and the call it is for. `state` is JSON text; answers a JSON string.
  std::string seal(std::string_view state, std::string_view bound, core::WallTime now) const;
  /// The state; `invalid_argument` unless it was sealed here, for this, and not too long ago.
  core::Result<std::string> open(std::string_view sealed,
                                 std::string_view bound,
                                 core::WallTime now) const;

 private:
  core::Secret key_;
};

/// `result` with another `requestState`.
std::string with_state(std::string_view result, std::string_view state);

}  // namespace preloop::mcp
