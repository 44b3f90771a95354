#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::core {

/// Why an operation did not do what it was asked. The list is closed; choose by what the *caller*
/// can do about it. `net/http_error.cc` maps it to HTTP, `mcp/rpc_error.cc` to JSON-RPC.
enum class Code : std::uint8_t {
  /// The request itself is wrong, whatever the state of the system: bad JSON, a bad argument.
  invalid_argument,
  /// We do not know who is asking. Signing in (again) may help.
  unauthenticated,
  /// We know who is asking and the answer is no. Never use it for a policy verdict.
  permission_denied,
  /// The named thing does not exist, or the caller may not know that it does.
  not_found,
  /// Creating something whose name or id is taken.
  already_exists,
  /// Right request, wrong state; retrying alone does not help (approve an expired request).
  failed_precondition,
  /// A quota, rate or size limit. Retrying later may help; say when.
  resource_exhausted,
  /// A concurrent change won. Read again, then retry at a higher level.
  aborted,
  /// The deadline passed; the operation may or may not have happened.
  deadline_exceeded,
  /// The caller went away or asked to stop.
  cancelled,
  /// A dependency cannot be reached right now; retrying the same request may help.
  unavailable,
  /// Not supported here.
  unimplemented,
  /// An invariant of ours is broken. A bug, or an answer of a dependency that makes no sense.
  internal,
  /// Stored data is damaged or does not verify.
  data_loss,
};

/// The code as spelled in logs, JSON and SQL, for instance "not_found".
std::string_view to_string(Code code);

/// One offending place in the request. `path` is a JSON pointer or a `file:line:column`.
struct ErrorDetail {
  std::string path;
  std::string message;
  bool operator==(const ErrorDetail&) const = default;
};

/// An expected failure, as a value. `message` is one line that says what to do next; it is shown
/// to operators and callers and never holds a secret or unsanitised bytes of an outsider.
struct Error {
  Code code = Code::internal;
  std::string message;
  std::vector<ErrorDetail> details;
  bool operator==(const Error&) const = default;
};

}  // namespace preloop::core
