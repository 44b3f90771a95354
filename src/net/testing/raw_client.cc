#include "net/testing/raw_client.h"

#include "net/http1_head.h"
#include "net/http1_parser.h"

#include <utility>

namespace preloop::net::testing {

core::Task<bool> RawClient::more() {
  char chunk[16 * 1024];
  const auto size = co_await stream_->read_some(chunk);
  if (!size || *size == 0) {
    co_return false;
  }
  buffer_.append(chunk, *size);
  co_return true;
}

core::Task<RawAnswer> RawClient::receive(Method method) {
  RawAnswer out;
  HeadScan scan;
  while (scan.scan(buffer_) != HeadScan::State::complete) {
    if (!co_await more()) {
      co_return RawAnswer{};
    }
  }
  ResponseParser parser;
  const auto body =
      method == Method::head ? ResponseParser::Body::none : ResponseParser::Body::as_framed;
  if (!parser.parse_head(
          std::string_view(buffer_).substr(0, scan.size()), body, out.status, out.headers)) {
    co_return RawAnswer{};
  }
  buffer_.erase(0, scan.size());
  while (!parser.done()) {
    std::string_view bytes = buffer_;
    if (!parser.parse_body(bytes, out.body)) {
      co_return RawAnswer{};
    }
    buffer_.erase(0, buffer_.size() - bytes.size());
    if (!parser.done() && !co_await more()) {
      co_return parser.end() ? std::move(out) : RawAnswer{};
    }
  }
  co_return out;
}

core::Task<std::string> RawClient::receive_head() {
  HeadScan scan;
  while (scan.scan(buffer_) != HeadScan::State::complete) {
    if (!co_await more()) {
      co_return "";
    }
  }
  std::string head = buffer_.substr(0, scan.size());
  buffer_.erase(0, scan.size());
  co_return head;
}

core::Task<std::string> RawClient::receive_all() {
  while (co_await more()) {
  }
  co_return std::exchange(buffer_, {});
}

core::Task<bool> RawClient::receive_until(std::string_view text) {
  while (buffer_.find(text) == std::string::npos) {
    if (!co_await more()) {
      co_return false;
    }
  }
  co_return true;
}

}  // namespace preloop::net::testing
