#pragma once
#include "net/http1_writer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::net {

/// The sending half of a connection, as one answer needs it.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  /// `unavailable` once the client has gone or stalls.
  virtual core::Task<core::Status> write(std::string_view first, std::string_view second) = 0;
  /// A string whose memory the connection keeps between answers; empty.
  virtual std::string& scratch() = 0;
  virtual std::string_view date() = 0;
};

/// Answers one request over HTTP/1: picks the framing, builds the head, keeps the order of calls.
class Http1Responder final : public Responder {
 public:
  enum class Version : std::uint8_t { http10, http11 };
  enum class Method : std::uint8_t { head, other };

  Http1Responder(ResponseSink& sink, Version version, Method method, std::string_view request_id)
      : sink_(sink), version_(version), method_(method), request_id_(request_id) {}

  core::Task<core::Status> send(Response response) override;
  core::Task<core::Status> start_stream(Response head) override;
  core::Task<core::Status> write(std::string_view bytes) override;
  core::Task<core::Status> finish() override;
  bool started() const override { return state_ != State::waiting; }

  /// The answer is complete; otherwise the connection must end.
  bool complete() const { return state_ == State::finished; }
  /// Also to be called before the answer, when the connection shall end with it.
  void set_after(AfterResponse after) { after_ = after; }
  AfterResponse after() const { return after_; }
  int status() const { return status_; }

 private:
  enum class State : std::uint8_t { waiting, streaming, finished, failed };
  core::Task<core::Status> write_parts(std::string_view first, std::string_view second);
  void append_head(std::string& out, const Response& response, Framing framing);

  ResponseSink& sink_;
  Version version_;
  Method method_;
  std::string_view request_id_;
  AfterResponse after_ = AfterResponse::keep_open;
  State state_ = State::waiting;
  Framing framing_ = Framing::length;
  bool drop_body_ = false;  ///< the answer to HEAD, 204, 304
  int status_ = 0;
};

}  // namespace preloop::net
