#include "net/http1_parser.h"

#include "core/text.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace preloop::net {
namespace {
namespace http = boost::beast::http;
using boost::beast::error_code;
using Text = boost::beast::string_view;

constexpr std::size_t k_max_fields = 128;
constexpr std::size_t k_last_chunk = std::string_view("0\r\n\r\n").size();

std::string_view view(Text text) {
  return {text.data(), text.size()};
}

/// Beast's parser with our strings as its sinks.
template <bool is_request>
class Parser : public http::basic_parser<is_request> {
 public:
  Parser() {
    // The head is complete and bounded before it gets here; bodies have limits of their own.
    this->header_limit(std::numeric_limits<std::uint32_t>::max());
    this->body_limit(boost::none);
  }

  error_code feed(std::string_view& bytes) {
    error_code error;
    while (!bytes.empty() && !this->is_done() && !error) {
      // When a body's first chunk is its last and comes byte by byte, Beast asserts that it has
      // the whole of it at the second look.
      if (in_body && chunked && chunk_left == 0 && bytes.front() == '0' &&
          bytes.size() < k_last_chunk) {
        break;
      }
      bytes.remove_prefix(this->put(boost::asio::buffer(bytes.data(), bytes.size()), error));
    }
    return error == http::error::need_more ? error_code() : error;
  }

  Headers* headers = nullptr;
  std::string* body = nullptr;
  std::string* method = nullptr;
  std::string* target = nullptr;
  int status = 0;
  int version = 11;
  bool in_body = false;
  std::uint64_t chunk_left = 0;  ///< bytes of the chunk's data that are still to come

  std::size_t hosts = 0, lengths = 0, encodings = 0, authorizations = 0;
  bool chunked = false, other_coding = false, compressed = false, expect = false,
       odd_expect = false, odd_length = false, limited = false;

 private:
  void on_request_impl(http::verb, Text verb, Text uri, int http_version, error_code&) override {
    method->assign(verb.data(), verb.size());
    target->assign(uri.data(), uri.size());
    version = http_version;
  }
  void on_response_impl(int code, Text, int http_version, error_code&) override {
    status = code;
    version = http_version;
  }
  void on_field_impl(http::field field, Text name, Text text, error_code& error) override {
    if (in_body) {
      return;  // a trailer: nobody asked for it
    }
    const std::string_view value = view(text);
    switch (field) {
      case http::field::host:
        ++hosts;
        break;
      case http::field::content_length:
        ++lengths;
        odd_length = odd_length || value.find_first_not_of("0123456789") != value.npos;
        break;
      case http::field::transfer_encoding:
        ++encodings;
        chunked = core::iequals(value, "chunked");
        other_coding = other_coding || !chunked;
        break;
      case http::field::authorization:
        ++authorizations;
        break;
      case http::field::content_encoding:
        compressed = compressed || !core::iequals(value, "identity");
        break;
      case http::field::expect:
        expect = core::iequals(value, "100-continue");
        odd_expect = odd_expect || !expect;
        break;
      default:
        break;
    }
    if (headers->fields().size() >= k_max_fields) {
      error = http::error::header_limit;
      return;
    }
    headers->add(view(name), value);
  }
  void on_header_impl(error_code&) override { in_body = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(Text text, error_code&) override { return take(text); }
  void on_chunk_header_impl(std::uint64_t size, Text, error_code&) override { chunk_left = size; }
  std::size_t on_chunk_body_impl(std::uint64_t, Text text, error_code&) override {
    chunk_left -= text.size();
    return take(text);
  }
  void on_finish_impl(error_code&) override {}

  std::size_t take(Text text) {
    body->append(text.data(), text.size());
    return text.size();
  }
};

bool is_host(std::string_view host) {
  return std::none_of(host.begin(), host.end(), [](char c) {
    return c <= ' ' || c >= 127 ||
           std::string_view("/\\@?#,\"<>").find(c) != std::string_view::npos;
  });
}

/// Absolute form ("GET http://h/x") must be understood; it may not disagree with Host.
bool to_origin_form(std::string& target, std::optional<std::string_view> host) {
  if (target.starts_with('/')) {
    return true;
  }
  const std::size_t start = target.find("://");
  if (start == std::string::npos) {
    return false;
  }
  const std::string scheme = core::ascii_lower(target.substr(0, start));
  const std::size_t end = std::min(target.find_first_of("/?", start + 3), target.size());
  const auto authority = std::string_view(target).substr(start + 3, end - start - 3);
  if ((scheme != "http" && scheme != "https") || !host || !core::iequals(authority, *host)) {
    return false;
  }
  target.erase(0, end);
  if (!target.starts_with('/')) {
    target.insert(0, "/");
  }
  return true;
}

}  // namespace

struct RequestParser::Impl : Parser<true> {};

RequestParser::RequestParser() : impl_(std::make_unique<Impl>()) {}
RequestParser::~RequestParser() = default;

std::optional<Refusal> RequestParser::parse_head(std::string_view head, Request& request) {
  Impl& parser = *impl_;
  parser.headers = &request.headers;
  parser.method = &request.method;
  parser.target = &request.target;
  const error_code error = parser.feed(head);
  if (error == http::error::bad_version) {
    return Refusal{505, "this server speaks HTTP/1.1"};
  }
  if (error == http::error::header_limit) {
    return Refusal{431, "too many header fields"};
  }
  // Before the general answer, so that the common attacks are named.
  if (parser.lengths > 0 && parser.encodings > 0) {
    return Refusal{400, "Content-Length and Transfer-Encoding exclude each other"};
  }
  if (error || !parser.is_header_done() || !head.empty()) {
    return Refusal{400, "the request head is malformed"};
  }
  if (parser.hosts > 1 || (parser.hosts == 0 && parser.version >= 11)) {
    return Refusal{400, "exactly one Host header is required"};
  }
  if (parser.lengths > 1 || parser.odd_length) {
    return Refusal{400, "one Content-Length with one number is allowed"};
  }
  if (parser.authorizations > 1) {
    return Refusal{400, "one Authorization header is allowed"};
  }
  if (parser.encodings > 0 && (parser.version < 11 || parser.encodings > 1 || !parser.chunked)) {
    return Refusal{parser.version < 11 || parser.encodings > 1 ? 400 : 501,
                   "the only transfer coding is chunked"};
  }
  const auto host = request.headers.get("Host");
  if (host && !is_host(*host)) {
    return Refusal{400, "the Host header is malformed"};
  }
  if (!to_origin_form(request.target, host)) {
    return Refusal{400, "the request target must be a path of this host"};
  }
  if (parser.compressed) {
    return Refusal{415, "compressed request bodies are not accepted"};
  }
  if (parser.odd_expect) {
    return Refusal{417, "the only expectation is 100-continue"};
  }
  return std::nullopt;
}

bool RequestParser::is_http10() const {
  return impl_->version < 11;
}
bool RequestParser::keep_alive() const {
  return impl_->keep_alive();
}
bool RequestParser::expects_continue() const {
  return impl_->expect && impl_->version >= 11;
}
std::optional<std::uint64_t> RequestParser::content_length() const {
  const auto length = impl_->content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}
bool RequestParser::done() const {
  return impl_->is_done();
}

std::optional<Refusal> RequestParser::parse_body(std::string_view& bytes,
                                                 std::string& body,
                                                 std::size_t max_bytes) {
  impl_->body = &body;
  if (impl_->chunked && !std::exchange(impl_->limited, true)) {
    impl_->body_limit(max_bytes);  // Beast counts it down as chunk headers come
  }
  const error_code error = impl_->feed(bytes);
  if (error == http::error::body_limit) {
    return Refusal{413, "the request body is too large"};
  }
  if (error) {
    return Refusal{400, "the chunked body is malformed"};
  }
  return std::nullopt;
}

struct ResponseParser::Impl : Parser<false> {};

namespace {
std::unexpected<core::Error> nonsense(const error_code& error) {
  return core::fail(core::Code::unavailable,
                    "the server's answer is not valid HTTP: " + error.message());
}
}  // namespace

ResponseParser::ResponseParser() : impl_(std::make_unique<Impl>()) {}
ResponseParser::~ResponseParser() = default;

core::Status ResponseParser::parse_head(std::string_view head,
                                        Body body,
                                        int& status,
                                        Headers& headers) {
  impl_->headers = &headers;
  impl_->skip(body == Body::none);
  if (const error_code error = impl_->feed(head)) {
    return nonsense(error);
  }
  status = impl_->status;
  const bool framed = impl_->encodings == 0 || (impl_->encodings == 1 && impl_->chunked);
  if (!impl_->is_header_done() || !framed || impl_->odd_length || impl_->lengths > 1) {
    return core::fail(core::Code::unavailable, "the server's answer is framed ambiguously");
  }
  return {};
}

bool ResponseParser::keep_alive() const {
  return impl_->keep_alive();
}
bool ResponseParser::done() const {
  return impl_->is_done();
}

core::Status ResponseParser::parse_body(std::string_view& bytes, std::string& body) {
  impl_->body = &body;
  if (const error_code error = impl_->feed(bytes)) {
    return nonsense(error);
  }
  return {};
}

core::Status ResponseParser::end() {
  error_code error;
  if (!impl_->is_done()) {
    impl_->put_eof(error);
  }
  if (error) {
    return core::fail(core::Code::unavailable, "the server ended its answer early");
  }
  return {};
}

}  // namespace preloop::net
