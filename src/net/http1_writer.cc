#include "net/http1_writer.h"

#include "core/log.h"
#include "core/text.h"

#include <array>
#include <charconv>

namespace preloop::net {
namespace {

constexpr std::array<std::string_view, 8> k_ours = {"Connection",
                                                    "Content-Length",
                                                    "Date",
                                                    "Keep-Alive",
                                                    "Transfer-Encoding",
                                                    "Upgrade",
                                                    "X-Content-Type-Options",
                                                    "X-Request-Id"};

bool is_ours(std::string_view name) {
  for (const std::string_view ours : k_ours) {
    if (ours.size() == name.size() && core::iequals(ours, name)) {
      return true;
    }
  }
  return false;
}

void append_number(std::string& out, std::size_t number, int base) {
  char text[20];
  const auto end = std::to_chars(text, text + sizeof text, number, base).ptr;
  out.append(text, end);
}

}  // namespace

void append_response_head(std::string& out, const Response& response, const HeadOptions& options) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status), 10);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  bool caching = false;
  for (const auto& [name, value] : response.headers.fields()) {
    if (is_ours(name)) {
      continue;
    }
    if (!is_token(name) || !is_field_value(value)) {
      core::log::error("dropped a response header that holds a line break: this is a bug",
                       {{"name", name}, {"request_id", options.request_id}});
      continue;
    }
    caching = caching || core::iequals(name, "Cache-Control");
    append_field(out, name, value);
  }
  if (!caching) {
    out += "Cache-Control: no-store\r\n";
  }
  out += "X-Content-Type-Options: nosniff\r\n";
  append_field(out, "Date", options.date);
  append_field(out, "X-Request-Id", options.request_id);
  if (options.framing == Framing::chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (options.framing == Framing::length && has_body(response.status)) {
    out += "Content-Length: ";
    append_number(out, response.body.size(), 10);
    out += "\r\n";
  }
  if (options.after == AfterResponse::close) {
    out += "Connection: close\r\n";
  }
  out += "\r\n";
}

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

void append_chunk_size(std::string& out, std::size_t size) {
  append_number(out, size, 16);
  out += "\r\n";
}

}  // namespace preloop::net
