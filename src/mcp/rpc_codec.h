#pragma once
#include "core/json.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::mcp {

/// JSON-RPC 2.0 error codes used by MCP. Ours stay outside the reserved range.
constexpr int k_parse_error = -32700;
constexpr int k_invalid_request = -32600;
constexpr int k_method_not_found = -32601;
constexpr int k_invalid_params = -32602;
constexpr int k_internal_error = -32603;
/// Of resources/read, up to 2025-11-25.
constexpr int k_resource_not_found = -32002;
/// Ours: a request was refused, or waits for a person; `data` says more.
constexpr int k_refused = -31001;
constexpr int k_pending = -31002;

/// One JSON-RPC 2.0 message, parsed and classified; views into `document`, which it owns. Ids are
/// kept as their JSON bytes ("1", "\"a\""), so they go back exactly as they came.
class Message {
 public:
  enum class Kind : std::uint8_t { request, notification, response };

  /// One message, not a batch. invalid_argument when it is not JSON, not an object, not
  /// `"jsonrpc":"2.0"`, its id is neither a string nor an integer, `params` is no object, or the
  /// members contradict each other (both result and error, a method with a result).
  static core::Result<Message> parse(std::string text, core::JsonLimits limits = {});

  Kind kind() const { return kind_; }
  std::string_view method() const { return method_; }
  /// The id's bytes; empty for a notification.
  std::string_view id() const { return id_; }
  core::Json params() const;  ///< absent or an object
  core::Json result() const;
  core::Json error() const;
  /// The bytes of the member as received; empty when absent.
  std::string_view params_text() const { return params_text_; }
  std::string_view result_text() const { return result_text_; }
  std::string_view error_text() const { return error_text_; }
  const std::string& text() const { return document_.text(); }

 private:
  Message() = default;
  core::JsonDocument document_;
  Kind kind_ = Kind::notification;
  std::string_view method_;
  std::string_view id_;
  std::string_view params_text_;
  std::string_view result_text_;
  std::string_view error_text_;
};

/// Is this body a JSON array, that is a batch of revision 2025-03-26? Looks at the first byte only.
bool is_batch(std::string_view text);

// Writers. `id`, `params`, `result`, `error` and `data` are JSON text and are written unchanged.
std::string make_request(std::string_view id, std::string_view method, std::string_view params);
std::string make_notification(std::string_view method, std::string_view params);
std::string make_result(std::string_view id, std::string_view result);
std::string make_error_object(int code, std::string_view message, std::string_view data = {});
std::string make_error(std::string_view id, std::string_view error_object);
/// `id` may be empty: null, as for a message that could not be read.
std::string make_error(std::string_view id, int code, std::string_view message);

/// The one table from our error codes to JSON-RPC (rpc_error.cc).
int rpc_error_code(core::Code code);

/// A tool result that tells the agent why nothing was done: one text block and isError.
std::string make_tool_error(std::string_view text, std::string_view meta = {});

}  // namespace preloop::mcp
