#include "net/http1_head.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace preloop::net {

HeadScan::State HeadScan::scan(std::string_view bytes) {
  while (true) {
    const auto end = bytes.find('\n', next_);
    if (end == std::string_view::npos) {
      next_ = bytes.size();
      return State::incomplete;
    }
    const std::string_view line = bytes.substr(line_, end - line_);
    const bool folded = line_ > 0 && (line.starts_with(' ') || line.starts_with('\t'));
    // The one carriage return of a line is its last byte.
    if (folded || line.find('\r') != line.size() - 1 || line.empty() ||
        line.find('\0') != std::string_view::npos) {
      return State::malformed;
    }
    line_ = next_ = end + 1;
    if (line.size() == 1) {
      return State::complete;
    }
  }
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Unknown";
  }
}

bool is_field_value(std::string_view value) {
  return std::none_of(
      value.begin(), value.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
  });
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

std::string_view HttpDate::now() {
  const std::time_t second = std::time(nullptr);
  if (second != second_) {
    // Not strftime: its names follow the locale.
    static constexpr const char* k_days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* k_months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm time{};
    gmtime_r(&second, &time);
    std::snprintf(text_,
                  sizeof text_,
                  "%s, %02d %s %04d %02d:%02d:%02d GMT",
                  k_days[time.tm_wday],
                  time.tm_mday,
                  k_months[time.tm_mon],
                  (time.tm_year + 1900) % 10000,
                  time.tm_hour,
                  time.tm_min,
                  time.tm_sec);
    second_ = second;
  }
  return text_;
}

}  // namespace preloop::net
