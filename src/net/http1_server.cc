#include "net/http1_server.h"

#include "core/log.h"
#include "net/http1_parser.h"
#include "net/http1_responder.h"
#include "net/inbox.h"
#include "net/phase_timer.h"
#include "net/trace_context.h"
#include "net/url.h"

#include <algorithm>
#include <exception>

namespace preloop::net {
namespace {

namespace log = core::log;
using core::Code;
using core::fail;
using core::Task;

/// What is read and thrown away after a refusal, so that the answer is not lost in a reset.
constexpr std::size_t k_most_discarded = 1024 * 1024;
constexpr core::milliseconds k_linger{1'000};

class Connection final : public Http1Connection,
                         public ResponseSink,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(ByteStreamPtr stream, Http1Shared& shared)
      : shared_(shared),
        limits_(shared.limits),
        stream_(std::move(stream)),
        peer_(stream_->peer()),
        inbox_(*stream_, shared.loop.executor(), [this] { on_client_gone(); }),
        timer_(shared.loop.executor(), [this] { on_deadline(); }) {}

  Task<void> serve() override {
    const auto self = shared_from_this();
    shared_.scope.spawn("net: read", read(self));
    enter(Phase::idle, limits_.header_timeout);
    while (co_await serve_one()) {
      enter(Phase::idle, limits_.idle_timeout);
    }
    enter(Phase::ended, core::milliseconds::max());
    stream_->close();
  }

  void drain() override {
    draining_ = true;
    if (phase_ == Phase::idle && inbox_.bytes().empty()) {
      stream_->close();
    }
  }

  void abort() override {
    draining_ = true;
    on_client_gone();
    stream_->close();
  }

 private:
  enum class Phase : std::uint8_t { idle, head, body, handler, writing, lingering, ended };

  /// One request from its first byte to its logged answer.
  struct Exchange {
    Request request;
    core::CallContext context;
    AfterResponse after = AfterResponse::keep_open;
    Http1Responder::Version version = Http1Responder::Version::http11;
    core::MonoTime begun;
  };

  static Task<void> read(std::shared_ptr<Connection> self) { co_await self->inbox_.run(); }

  // --- phases and their deadlines ---

  void enter(Phase phase, core::milliseconds limit) {
    phase_ = phase;
    limit == core::milliseconds::max() ? timer_.clear() : timer_.set(limit);
  }

  void on_deadline() {
    if (phase_ == Phase::head || phase_ == Phase::body) {
      timed_out_ = true;
      inbox_.interrupt();
    } else {
      stream_->close();
    }
  }

  void on_client_gone() {
    gone_ = true;
    if (cancelled_ != nullptr) {
      cancelled_->request();
    }
  }

  /// Waits for more than is there; false when none will be looked at any more.
  Task<bool> more() {
    const bool awake = co_await inbox_.wait();
    co_return awake && !inbox_.ended() && !timed_out_;
  }

  // --- ResponseSink ---

  Task<core::Status> write(std::string_view first, std::string_view second) override {
    if (gone_) {
      co_return fail(Code::unavailable, "the client has gone");
    }
    const Phase phase = phase_;
    enter(Phase::writing, limits_.write_stall_timeout);
    const core::Status status = co_await stream_->write_all(first, second);
    enter(phase, core::milliseconds::max());
    if (!status) {
      gone_ = true;
      stream_->close();
      co_return fail(Code::unavailable, "the client has gone");
    }
    co_return core::Status();
  }
  std::string& scratch() override {
    out_.clear();
    return out_;
  }
  std::string_view date() override { return shared_.date.now(); }

  // --- one request ---

  /// False when the connection shall end.
  Task<bool> serve_one() {
    while (inbox_.bytes().empty()) {
      if (draining_ || !co_await more()) {
        co_return false;
      }
    }
    Exchange exchange;
    exchange.context.request_id = shared_.next_request_id();
    exchange.begun = std::chrono::steady_clock::now();
    const auto refusal = co_await read_request(exchange);
    if (gone_ || inbox_.ended()) {
      co_return false;
    }
    shared_.requests_total.fetch_add(1, std::memory_order_relaxed);
    if (refusal) {
      co_await refuse(exchange, *refusal);
      co_return false;
    }
    co_return co_await answer(exchange);
  }

  /// nullopt when the request is complete, or when the client has gone.
  Task<std::optional<Refusal>> read_request(Exchange& exchange) {
    if (const auto refusal = co_await read_head(); refusal || inbox_.ended()) {
      co_return refusal;
    }
    RequestParser parser;
    Request& request = exchange.request;
    const auto refusal = parser.parse_head(inbox_.bytes().substr(0, head_.size()), request);
    inbox_.consume(head_.size());
    if (refusal) {
      co_return refusal;
    }
    exchange.version =
        parser.is_http10() ? Http1Responder::Version::http10 : Http1Responder::Version::http11;
    // Persistent 1.0 connections are an extension nobody here needs.
    if (!parser.keep_alive() || parser.is_http10()) {
      exchange.after = AfterResponse::close;
    }
    auto path = normal_path(request.target);
    if (!path) {
      co_return Refusal{400, "the path holds dot segments, escaped slashes or broken escapes"};
    }
    request.path = std::move(*path);
    if (const auto question = request.target.find('?'); question != std::string::npos) {
      request.query = request.target.substr(question + 1);
    }
    co_return co_await read_body(parser, request);
  }

  Task<std::optional<Refusal>> read_head() {
    head_ = HeadScan();
    bool skipping = true;
    while (true) {
      // A line break or two before a request is an old client's mistake (RFC 9112, 2.2).
      while (skipping && inbox_.bytes().starts_with("\r\n")) {
        inbox_.consume(2);
      }
      skipping = skipping && inbox_.bytes().size() < 2;
      const auto state = skipping ? HeadScan::State::incomplete : head_.scan(inbox_.bytes());
      if (state == HeadScan::State::malformed) {
        co_return Refusal{400, "the request head is malformed"};
      }
      const bool complete = state == HeadScan::State::complete;
      const std::size_t size = complete ? head_.size() : inbox_.bytes().size();
      if (size > limits_.max_header_bytes || (!complete && inbox_.full())) {
        co_return Refusal{431, "the request head is too large"};
      }
      if (complete) {
        co_return std::nullopt;
      }
      if (phase_ != Phase::head) {
        enter(Phase::head, limits_.header_timeout);
      }
      if (!co_await more()) {
        co_return timed_out();
      }
    }
  }

  Task<std::optional<Refusal>> read_body(RequestParser& parser, Request& request) {
    if (parser.done()) {
      co_return std::nullopt;
    }
    const std::size_t most =
        std::min(limits_.max_body_bytes, shared_.handler.max_body(request.path));
    const std::uint64_t length = parser.content_length().value_or(0);
    if (length > most) {
      co_return Refusal{413, "the request body is too large"};
    }
    if (parser.expects_continue() && inbox_.bytes().empty() &&
        !co_await write("HTTP/1.1 100 Continue\r\n\r\n", {})) {
      co_return std::nullopt;
    }
    // What was announced is not believed beyond a first step: sending costs the sender, too.
    request.body.reserve(std::min<std::uint64_t>(length, 256 * 1024));
    const auto begun = std::chrono::steady_clock::now();
    while (true) {
      std::string_view bytes = inbox_.bytes();
      const std::size_t before = bytes.size();
      const auto refusal = parser.parse_body(bytes, request.body, most);
      const std::size_t left = bytes.size();
      inbox_.consume(before - left);
      if (refusal || parser.done()) {
        co_return refusal;
      }
      if (left > limits_.max_header_bytes || inbox_.full()) {
        co_return Refusal{400, "the chunked body is malformed"};  // an endless chunk extension
      }
      const core::milliseconds earned(request.body.size() * 1000 / limits_.min_body_rate);
      phase_ = Phase::body;
      timer_.set_until(begun + limits_.body_timeout + earned);
      if (!co_await more()) {
        co_return timed_out();
      }
    }
  }

  std::optional<Refusal> timed_out() const {
    return timed_out_ ? std::optional(Refusal{408, "the request did not arrive in time"})
                      : std::nullopt;
  }

  // --- one answer ---

  Task<bool> answer(Exchange& exchange) {
    Request& request = exchange.request;
    exchange.context.peer = client_address(peer_, request.headers, shared_.trusted_proxies);
    exchange.context.traceparent = valid_traceparent(request.headers.get("traceparent"));
    Http1Responder responder(
        *this,
        exchange.version,
        request.method == "HEAD" ? Http1Responder::Method::head : Http1Responder::Method::other,
        exchange.context.request_id);
    if (draining_) {
      exchange.after = AfterResponse::close;
    }
    responder.set_after(exchange.after);
    cancelled_ = &exchange.context.cancelled;
    timed_out_ = false;  // it arrived after all
    enter(Phase::handler, core::milliseconds::max());
    inbox_.release();
    co_await call_handler(request, responder, exchange.context);
    cancelled_ = nullptr;
    if (!responder.started() && !gone_) {
      (void)co_await responder.send(
          problem(500, "Internal Server Error", "no answer was given; see the server's log"));
    }
    log_request(exchange, responder.status());
    if (out_.capacity() > k_kept_scratch) {
      std::string().swap(out_);
    }
    co_return responder.complete() && !gone_ && !draining_ &&
        responder.after() == AfterResponse::keep_open;
  }

  Task<void> call_handler(Request& request,
                          Responder& responder,
                          const core::CallContext& context) {
    try {
      co_await shared_.handler.handle(request, responder, context);
    } catch (const std::exception& error) {
      log::error("a handler threw: this is a bug",
                 {{"request_id", context.request_id}, {"error", error.what()}});
    }
  }

  Task<void> refuse(Exchange& exchange, Refusal refusal) {
    timed_out_ = false;
    Http1Responder responder(*this,
                             exchange.version,
                             exchange.request.method == "HEAD" ? Http1Responder::Method::head
                                                               : Http1Responder::Method::other,
                             exchange.context.request_id);
    responder.set_after(AfterResponse::close);
    const auto sent = co_await responder.send(
        problem(refusal.status, reason_phrase(refusal.status), refusal.detail));
    log_request(exchange, refusal.status);
    if (!sent) {
      co_return;
    }
    enter(Phase::lingering, k_linger);
    std::size_t discarded = 0;
    do {
      discarded += inbox_.bytes().size();
      inbox_.consume(inbox_.bytes().size());
    } while (discarded < k_most_discarded && co_await more());
  }

  void log_request(const Exchange& exchange, int status) const {
    if (!log::enabled(log::Level::info)) {
      return;
    }
    const auto took = std::chrono::steady_clock::now() - exchange.begun;
    log::info("request",
              {{"method", exchange.request.method},
               {"path", exchange.request.path},
               {"status", status},
               {"ms", std::chrono::duration_cast<core::milliseconds>(took).count()},
               {"request_id", exchange.context.request_id}});
  }

  static constexpr std::size_t k_kept_scratch = 16 * 1024;

  Http1Shared& shared_;
  const ServerLimits& limits_;
  ByteStreamPtr stream_;
  std::string peer_;
  Inbox inbox_;
  PhaseTimer timer_;
  Phase phase_ = Phase::idle;
  HeadScan head_;
  std::string out_;
  core::CancelToken* cancelled_ = nullptr;  ///< of the request whose handler runs
  bool draining_ = false;
  bool timed_out_ = false;
  bool gone_ = false;
};

}  // namespace

std::string Http1Shared::next_request_id() {
  // SplitMix64 (public domain, Vigna): a bijection, so no id repeats.
  std::uint64_t bits = id_state += 0x9E3779B97F4A7C15U;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBU;
  bits ^= bits >> 31;
  std::string out(16, '0');
  for (char& c : out) {
    c = "0123456789abcdef"[bits & 15];
    bits >>= 4;
  }
  return out;
}

std::shared_ptr<Http1Connection> Http1Connection::create(ByteStreamPtr stream,
                                                         Http1Shared& shared) {
  return std::make_shared<Connection>(std::move(stream), shared);
}

std::string closing_response(const Response& response, Http1Shared& shared) {
  std::string out;
  append_response_head(
      out,
      response,
      {Framing::length, AfterResponse::close, shared.date.now(), shared.next_request_id()});
  return out + response.body;
}

}  // namespace preloop::net
