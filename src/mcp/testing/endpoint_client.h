#pragma once
#include "core/json.h"
#include "mcp/testing/endpoint_world.h"
#include "net/testing/raw_client.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace preloop::mcp::testing {

/// One connection to the endpoint.
class Client {
 public:
  explicit Client(EndpointWorld& world, std::size_t loop = 0);
  ~Client();

  std::string path = "/mcp/v1";
  std::string key;      ///< the agent's, until changed
  std::string session;  ///< sent when not empty
  std::string version;  ///< MCP-Protocol-Version, sent when not empty
  std::string accept = "application/json, text/event-stream";

  /// Sends one request without waiting for the answer. `more` are further header lines.
  void send(std::string_view method, std::string_view body = {}, std::string_view more = {});
  net::testing::RawAnswer receive();
  net::testing::RawAnswer post(std::string_view body, std::string_view more = {});
  /// Until what came since the last `clear` holds `text`; false when the connection ends first.
  bool until(std::string_view text);
  /// What came of a stream so far.
  std::string received();
  void close();
  /// initialize and initialized; keeps the session. `capabilities` is JSON.
  void initialize(std::string_view revision = "2025-11-25", std::string_view capabilities = "{}");

 private:
  EndpointWorld& world_;
  std::size_t loop_;
  struct Server;
  std::unique_ptr<Server> server_;
  std::string buffer_;
};

/// A tools/call; `arguments`, `id` and `token` (of progress; empty: none) are JSON.
std::string tool_call(std::string_view tool,
                      std::string_view arguments = "{}",
                      std::string_view id = "1",
                      std::string_view token = "");
/// A body, which must be JSON.
core::JsonDocument json(const std::string& text);
/// The JSON-RPC error code in a body; 0 when there is none.
std::int64_t error_code(const std::string& body);
/// What ends a chunked answer.
constexpr std::string_view k_end_of_stream = "\r\n0\r\n\r\n";

}  // namespace preloop::mcp::testing
