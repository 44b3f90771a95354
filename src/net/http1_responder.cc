#include "net/http1_responder.h"

#include <algorithm>

namespace preloop::net {
namespace {

/// A write of this size has the whole stall limit, so that a slow but steady client is served.
constexpr std::size_t k_piece = 256 * 1024;
/// Smaller chunks are copied into one write with their framing.
constexpr std::size_t k_small_chunk = 16 * 1024;

std::unexpected<core::Error> wrong_order() {
  return core::fail(core::Code::failed_precondition,
                    "this answer was already sent, or is no stream");
}

}  // namespace

core::Task<core::Status> Http1Responder::write_parts(std::string_view first,
                                                     std::string_view second) {
  core::Status status;
  do {
    const std::string_view piece = second.substr(0, k_piece);
    status = co_await sink_.write(first, piece);
    first = {};
    second.remove_prefix(piece.size());
  } while (status && !second.empty());
  if (!status) {
    state_ = State::failed;
  }
  co_return status;
}

void Http1Responder::append_head(std::string& out, const Response& response, Framing framing) {
  status_ = response.status;
  framing_ = framing;
  drop_body_ = method_ == Method::head || !has_body(response.status);
  append_response_head(out, response, {framing, after_, sink_.date(), request_id_});
}

core::Task<core::Status> Http1Responder::send(Response response) {
  if (started()) {
    co_return wrong_order();
  }
  state_ = State::finished;
  std::string& head = sink_.scratch();
  append_head(head, response, Framing::length);
  co_return co_await write_parts(head, drop_body_ ? std::string_view() : response.body);
}

core::Task<core::Status> Http1Responder::start_stream(Response head) {
  if (started()) {
    co_return wrong_order();
  }
  state_ = State::streaming;
  Framing framing = Framing::chunked;
  if (version_ == Version::http10) {
    framing = Framing::until_close;
    after_ = AfterResponse::close;
  }
  if (!has_body(head.status)) {
    framing = Framing::length;
  }
  std::string& out = sink_.scratch();
  append_head(out, head, framing);
  co_return co_await write_parts(out, {});
}

core::Task<core::Status> Http1Responder::write(std::string_view bytes) {
  if (state_ != State::streaming) {
    co_return wrong_order();
  }
  if (bytes.empty() || drop_body_) {
    co_return core::Status();  // an empty chunk would end the body
  }
  if (framing_ == Framing::until_close) {
    co_return co_await write_parts({}, bytes);
  }
  std::string& out = sink_.scratch();
  append_chunk_size(out, bytes.size());
  if (bytes.size() <= k_small_chunk) {
    out += bytes;
    out += "\r\n";
    co_return co_await write_parts(out, {});
  }
  PRELOOP_CO_CHECK(co_await write_parts(out, bytes));
  co_return co_await write_parts("\r\n", {});
}

core::Task<core::Status> Http1Responder::finish() {
  if (state_ != State::streaming) {
    co_return wrong_order();
  }
  state_ = State::finished;
  if (framing_ != Framing::chunked || drop_body_) {
    co_return core::Status();
  }
  co_return co_await write_parts("0\r\n\r\n", {});
}

}  // namespace preloop::net
