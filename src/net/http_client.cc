#include "net/http_client.h"

#include "core/text.h"
#include "core/wakeup.h"
#include "net/client_pool.h"
#include "net/http1_head.h"
#include "net/http1_parser.h"

#include <algorithm>
#include <array>
#include <utility>

namespace preloop::net {

using core::Code;
using core::fail;
using core::Task;

namespace {

constexpr int k_most_interim_answers = 10;
constexpr std::array<std::string_view, 6> k_ours = {
    "Host", "Content-Length", "Connection", "Transfer-Encoding", "Keep-Alive", "Upgrade"};
constexpr std::array<std::string_view, 6> k_idempotent = {
    "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};

bool is_idempotent(std::string_view method) {
  return std::find(k_idempotent.begin(), k_idempotent.end(), method) != k_idempotent.end();
}

bool takes_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

core::Result<std::shared_ptr<const PreparedHead>> prepare_head(std::string method,
                                                               Url url,
                                                               const Headers& headers,
                                                               const ClientOptions& options) {
  auto out = std::make_shared<PreparedHead>();
  const bool absolute = options.proxy && url.scheme == "http";
  const std::string target = absolute ? url.to_string() : url.target;
  if (!is_token(method) || target.find_first_of(" \r\n") != std::string::npos) {
    return fail(Code::invalid_argument, "the request's method or target is malformed");
  }
  out->text = method + " " + target + " HTTP/1.1\r\n";
  append_field(out->text, "Host", url.authority());
  for (const auto& [name, value] : headers.fields()) {
    if (!is_token(name) || !is_field_value(value)) {
      return fail(Code::invalid_argument,
                  "the request header " + core::printable(name, 100) + " is malformed");
    }
    const bool ours = std::any_of(k_ours.begin(), k_ours.end(), [&](std::string_view field) {
      return core::iequals(field, name);
    });
    if (!ours) {
      append_field(out->text, name, value);
    }
  }
  if (!headers.get("Accept-Encoding")) {
    append_field(out->text, "Accept-Encoding", "identity");
  }
  out->origin = url.origin();
  out->method = std::move(method);
  out->url = std::move(url);
  return out;
}

std::string with_length(const PreparedHead& head, std::size_t body) {
  constexpr std::size_t k_longest_length = 48;
  std::string out;
  out.reserve(head.text.size() + k_longest_length);
  out += head.text;
  if (takes_body(head.method) || body > 0) {
    append_field(out, "Content-Length", std::to_string(body));
  }
  return out += "\r\n";
}

/// One request and its answer on one connection.
class Exchange final : public ClientResponse {
 public:
  Exchange(std::shared_ptr<ClientPool> pool, ClientConnectionPtr connection)
      : pool_(std::move(pool)), connection_(std::move(connection)) {}
  ~Exchange() override {
    if (connection_) {
      connection_->close();
    }
  }

  Task<core::Status> run(std::string_view method,
                         std::string_view head,
                         const ClientRequest& request,
                         core::MonoTime deadline) {
    connection_->set_deadline(deadline);
    if (request.sent != nullptr) {
      *request.sent = true;
    }
    const auto sent = co_await connection_->stream().write_all(head, request.body);
    // A server may answer and close before it has read everything: its answer counts.
    if (!sent && connection_->inbox().bytes().empty()) {
      co_return co_await failure(sent.error());
    }
    PRELOOP_CO_CHECK(co_await read_head(method == "HEAD" ? ResponseParser::Body::none
                                                         : ResponseParser::Body::as_framed));
    connection_->set_deadline(core::MonoTime::max());
    if (parser_->done()) {
      finish();
    }
    co_return core::Status();
  }

  /// Has the server sent a byte of its answer?
  bool answered() const { return answered_; }
  int status() const override { return status_; }
  const Headers& headers() const override { return headers_; }

  Task<core::Result<std::string_view>> read_some() override {
    piece_.clear();
    while (connection_) {
      Inbox& inbox = connection_->inbox();
      std::string_view bytes = inbox.bytes();
      const std::size_t before = bytes.size();
      const auto parsed = parser_->parse_body(bytes, piece_);
      inbox.consume(before - bytes.size());
      if (!parsed) {
        drop();
        co_return std::unexpected(parsed.error());
      }
      if (parser_->done()) {
        finish();
      } else if (inbox.ended()) {
        const auto end = parser_->end();
        drop();
        if (!end) {
          co_return std::unexpected(end.error());
        }
      }
      if (!piece_.empty() || !connection_) {
        break;
      }
      if (bytes.size() > k_most_framing) {
        drop();
        co_return fail(Code::unavailable, "the server's answer is not valid HTTP");
      }
      if (!co_await inbox.wait()) {
        drop();
        co_return fail(Code::cancelled, "the caller went away");
      }
    }
    co_return piece_;
  }

  Task<core::Result<std::string>> read_all(std::size_t max_bytes) override {
    std::string out;
    while (true) {
      PRELOOP_CO_TRY(const std::string_view piece, co_await read_some());
      if (piece.empty()) {
        co_return out;
      }
      if (out.size() + piece.size() > max_bytes) {
        drop();
        co_return fail(Code::resource_exhausted,
                       "the answer is larger than " + std::to_string(max_bytes) + " bytes");
      }
      out += piece;
    }
  }

 private:
  static constexpr std::size_t k_most_framing = 16 * 1024;

  Task<core::Status> read_head(ResponseParser::Body body) {
    Inbox& inbox = connection_->inbox();
    const std::size_t most = pool_->options().limits.max_header_bytes;
    for (int i = 0; i < k_most_interim_answers; ++i) {
      HeadScan scan;
      auto state = HeadScan::State::incomplete;
      while ((state = scan.scan(inbox.bytes())) == HeadScan::State::incomplete) {
        answered_ = answered_ || !inbox.bytes().empty();
        if (inbox.bytes().size() > most || inbox.full()) {
          co_return fail(Code::unavailable, "the head of the server's answer is too large");
        }
        if (inbox.ended() || !co_await inbox.wait()) {
          co_return co_await failure(
              {Code::unavailable, "the server closed the connection without an answer", {}});
        }
      }
      answered_ = true;
      if (state == HeadScan::State::malformed || scan.size() > most) {
        co_return fail(Code::unavailable, "the head of the server's answer is malformed");
      }
      headers_ = Headers();
      parser_.emplace();
      PRELOOP_CO_CHECK(
          parser_->parse_head(inbox.bytes().substr(0, scan.size()), body, status_, headers_));
      inbox.consume(scan.size());
      if (status_ / 100 != 1 || status_ == 101) {
        co_return core::Status();
      }
    }
    co_return fail(Code::unavailable, "the server sends interim answers without end");
  }

  /// What to report when the connection failed: why it was closed, if we did it.
  Task<std::unexpected<core::Error>> failure(core::Error error) {
    if (connection_->timed_out()) {
      co_return fail(Code::deadline_exceeded, "the server did not answer in time");
    }
    if (co_await core::is_cancelled()) {
      co_return fail(Code::cancelled, "the caller went away");
    }
    co_return fail(Code::unavailable, std::move(error.message));
  }

  void finish() {
    const ClientConnectionPtr connection = std::exchange(connection_, nullptr);
    parser_->keep_alive() && status_ != 101 ? pool_->give_back(connection) : connection->close();
  }
  void drop() {
    if (const ClientConnectionPtr connection = std::exchange(connection_, nullptr)) {
      connection->close();
    }
  }

  std::shared_ptr<ClientPool> pool_;
  ClientConnectionPtr connection_;  ///< null once the answer is complete
  std::optional<ResponseParser> parser_;
  int status_ = 0;
  Headers headers_;
  std::string piece_;
  bool answered_ = false;
};

class Client final : public HttpClient {
 public:
  Client(core::Loop& loop, ClientOptions options)
      : pool_(std::make_shared<ClientPool>(loop, std::move(options))) {}

  core::Result<std::shared_ptr<const PreparedHead>> prepare(std::string method,
                                                            Url url,
                                                            const Headers& headers) const override {
    return prepare_head(std::move(method), std::move(url), headers, pool_->options());
  }

  Task<core::Result<std::unique_ptr<ClientResponse>>> send(ClientRequest request,
                                                           core::MonoTime deadline) override {
    if (!request.head) {
      PRELOOP_CO_TRY(request.head,
                     prepare(std::move(request.method), std::move(request.url), request.headers));
    }
    const PreparedHead& prepared = *request.head;
    const std::string head = with_length(prepared, request.body.size());
    auto accept = ClientPool::Accept::idle_ones;
    while (true) {
      PRELOOP_CO_TRY(ClientPool::Acquired acquired,
                     co_await pool_->acquire(prepared.origin, prepared.url, accept, deadline));
      auto exchange = std::make_unique<Exchange>(pool_, std::move(acquired.connection));
      auto status = co_await exchange->run(prepared.method, head, request, deadline);
      if (status) {
        co_return std::move(exchange);
      }
      const bool again = acquired.reused && !exchange->answered() &&
                         status.error().code == Code::unavailable && is_idempotent(prepared.method);
      if (!again) {
        co_return std::unexpected(std::move(status).error());
      }
      accept = ClientPool::Accept::fresh_only;
    }
  }

  Task<void> stop() override { return pool_->stop(); }

 private:
  std::shared_ptr<ClientPool> pool_;
};

}  // namespace

std::unique_ptr<HttpClient> HttpClient::create(core::Loop& loop, ClientOptions options) {
  return std::make_unique<Client>(loop, std::move(options));
}

}  // namespace preloop::net
