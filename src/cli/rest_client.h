#pragma once
#include "cli/context.h"
#include "core/json.h"
#include "core/loop.h"
#include "core/result.h"
#include "net/http_client.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace preloop::cli {

/// The REST API for commands, which are sequential: every call blocks. Errors carry the server's
/// own problem text, and what to do when there is no server.
class RestClient {
 public:
  explicit RestClient(Context& context);
  ~RestClient();

  core::Result<core::JsonDocument> get(const std::string& path);
  /// `body` is JSON text, or empty. A 403 that asks for a step-up asks for the password at the
  /// terminal, obtains a key for five minutes and tries again; the key is kept in memory only.
  core::Result<core::JsonDocument> send(const std::string& method,
                                        const std::string& path,
                                        const std::string& body,
                                        const std::string& content_type = "application/json");
  /// Streams a response body to `sink`; for exports.
  core::Status download(const std::string& path,
                        const std::function<core::Status(std::string_view)>& sink);
  /// Reads server-sent events until `sink` answers false.
  core::Status events(
      const std::string& path,
      const std::function<bool(std::string_view type, std::string_view data)>& sink);
  /// The last response's ETag, for If-Match of the next `send`.
  void match_last() { if_match_ = etag_; }

  core::Loop& loop() { return loops_.at(0); }
  net::HttpClient& http() { return *http_; }

 private:
  struct Reply {
    int status = 0;
    std::string body;
    std::string etag;
  };
  core::Result<net::ClientRequest> request_of(std::string method, const std::string& path) const;
  core::Result<Reply> exchange(std::string method,
                               const std::string& path,
                               const std::string& body,
                               const std::string& content_type);
  core::Task<core::Result<Reply>> exchange_task(net::ClientRequest request);
  core::Status elevate(std::string_view scopes);
  core::Error problem_of(const Reply& reply) const;

  Context& context_;
  core::LoopPool loops_;
  std::unique_ptr<net::HttpClient> http_;
  core::Secret elevated_;
  std::string etag_;
  std::string if_match_;
};

}  // namespace preloop::cli
