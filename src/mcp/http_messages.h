#pragma once
#include "core/offload.h"
#include "core/result.h"
#include "core/task.h"
#include "mcp/rpc_codec.h"
#include "net/http_client.h"
#include "net/sse.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace preloop::mcp {

/// The JSON-RPC messages of one HTTP answer, whether it is one JSON body or an event stream. One
/// loop, one reader.
class HttpMessages {
 public:
  HttpMessages(std::unique_ptr<net::ClientResponse> response, core::Offload& offload);

  /// Is the answer something that carries messages at all?
  bool readable() const { return form_ != Form::other; }
  /// The next ones, or none at the end. `resource_exhausted` beyond 16 MiB, `invalid_argument` for
  /// what is no message, else as reading.
  core::Task<core::Result<std::vector<Message>>> next();
  /// The whole body of an answer that is not `readable`; what there is of it.
  core::Task<std::string> text(std::size_t max_bytes);
  /// What is left of it, after which the connection can be used again; null when nothing is.
  std::unique_ptr<net::ClientResponse> release() {
    return form_ == Form::json && read_ ? nullptr : std::move(response_);
  }

  /// For resuming a stream that broke off (revision 2025-11-25).
  const std::optional<std::string>& last_event_id() const { return events_.last_id(); }
  std::optional<unsigned> retry_ms() const { return events_.retry_ms(); }

 private:
  enum class Form : std::uint8_t { json, events, other };

  std::unique_ptr<net::ClientResponse> response_;
  core::Offload& offload_;
  Form form_ = Form::other;
  bool read_ = false;
  net::SseParser events_;
};

}  // namespace preloop::mcp
