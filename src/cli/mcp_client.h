#pragma once
#include "cli/context.h"
#include "core/json.h"
#include "core/loop.h"
#include "core/result.h"
#include "net/http_client.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::cli {

/// A real MCP client of /mcp/v1 (streamable HTTP, revision 2025-11-25), so that what the CLI shows
/// is what any agent with this key sees. Blocking; one session.
class McpClient {
 public:
  explicit McpClient(Context& context);
  ~McpClient();  ///< Ends the session.

  core::Status connect();
  /// Every page of tools/list, as one `{"items":[…]}`.
  core::Result<core::JsonDocument> tools();
  /// `on_progress` is given the message of each progress notification.
  core::Result<core::JsonDocument> call(std::string_view name,
                                        std::string_view arguments,
                                        const std::function<void(std::string_view)>& on_progress);

 private:
  core::Task<core::Result<std::string>> request(std::string method,
                                                std::string params,
                                                std::function<void(std::string_view)> on_progress);
  core::Task<core::Result<std::string>> post(std::string body,
                                             std::string id,
                                             std::function<void(std::string_view)> on_progress);
  core::Task<void> end_session();
  core::Result<net::ClientRequest> request_of(std::string method) const;

  Context& context_;
  core::LoopPool loops_;
  std::unique_ptr<net::HttpClient> http_;
  std::string session_;
  int last_id_ = 0;
};

}  // namespace preloop::cli
