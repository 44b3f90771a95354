#include "net/url.h"

#include "core/text.h"

#include <algorithm>
#include <charconv>

namespace preloop::net {
namespace {

using core::Code;
using core::fail;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
int hex_value(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The byte of the escape at `at`, or -1.
int escape_at(std::string_view text, std::size_t at) {
  if (text.size() - at < 3) {
    return -1;
  }
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool is_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
  });
}
bool is_ipv6(std::string_view host) {
  return host.size() >= 2 && host.size() <= 45 && host.find(':') != std::string_view::npos &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return hex_value(c) >= 0 || c == ':' || c == '.';
         });
}

std::string decode_form(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int byte = text[i] == '%' ? escape_at(text, i) : -1;
    if (byte >= 0) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

/// Splits "host", "host:port" and "[v6]:port" into `out`; the reason when it is none of them.
std::string_view split_authority(std::string_view authority, Url& out) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos || !is_ipv6(authority.substr(1, close - 1))) {
      return "the IPv6 address is malformed";
    }
    out.host = core::ascii_lower(authority.substr(1, close - 1));
    port = authority.substr(close + 1);
  } else {
    const auto colon = std::min(authority.find(':'), authority.size());
    if (!is_name(authority.substr(0, colon))) {
      return "the host name is missing or malformed";
    }
    out.host = core::ascii_lower(authority.substr(0, colon));
    port = authority.substr(colon);
  }
  if (port.empty()) {
    return {};
  }
  const char* const end = port.data() + port.size();
  const auto [stop, error] = std::from_chars(port.data() + 1, end, out.port);
  if (port[0] != ':' || error != std::errc() || stop != end || out.port == 0) {
    return "the port is not a number from 1 to 65535";
  }
  return {};
}

}  // namespace

core::Result<Url> Url::parse(std::string_view text) {
  const auto wrong = [](std::string_view why) {
    return fail(Code::invalid_argument, "not a usable URL: " + std::string(why));
  };
  if (std::any_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c >= 127; })) {
    return wrong("it holds spaces, control or non-ASCII characters");
  }
  Url url;
  const auto colon = text.find("://");
  url.scheme = core::ascii_lower(text.substr(0, std::min(colon, text.size())));
  if (colon == std::string_view::npos || (url.scheme != "http" && url.scheme != "https")) {
    return wrong("it must start with http:// or https://");
  }
  if (text.find('#') != std::string_view::npos) {
    return wrong("fragments (#...) are not allowed");
  }
  if (text.find('\\') != std::string_view::npos) {
    return wrong("backslashes are not allowed");
  }
  text.remove_prefix(colon + 3);
  const auto end = std::min(text.find_first_of("/?"), text.size());
  const std::string_view authority = text.substr(0, end);
  if (authority.find('@') != std::string_view::npos) {
    return wrong("user names and passwords do not belong in it");
  }
  url.port = url.scheme == "https" ? 443 : 80;
  if (const auto why = split_authority(authority, url); !why.empty()) {
    return wrong(why);
  }
  text.remove_prefix(end);
  url.target = text.starts_with('/') ? std::string(text) : "/" + std::string(text);
  return url;
}

std::string Url::authority() const {
  std::string out = host.find(':') != std::string::npos ? "[" + host + "]" : host;
  if (port != (scheme == "https" ? 443 : 80)) {
    out += ":" + std::to_string(port);
  }
  return out;
}
std::string Url::origin() const {
  return scheme + "://" + authority();
}
std::string Url::to_string() const {
  return origin() + target;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int byte = escape_at(text, i);
    if (byte <= 0) {
      return std::nullopt;
    }
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  static constexpr char k_hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', k_hex[byte >> 4], k_hex[byte & 15]};
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string_view part : core::split(query, '&')) {
    if (!part.empty()) {
      const auto equals = std::min(part.find('='), part.size());
      out.emplace_back(decode_form(part.substr(0, equals)),
                       decode_form(part.substr(std::min(equals + 1, part.size()))));
    }
  }
  return out;
}

std::optional<std::string> normal_path(std::string_view target) {
  const std::string_view raw = target.substr(0, target.find('?'));
  if (!raw.starts_with('/') || raw.find('#') != std::string_view::npos) {
    return std::nullopt;
  }
  if (std::all_of(raw.begin(), raw.end(), [](char c) {
        return is_alpha(c) || is_digit(c) || c == '/' || c == '-' || c == '_';
      })) {
    return std::string(raw);  // nothing to decode or to refuse: nearly every request
  }
  for (std::size_t i = raw.find('%'); i != std::string_view::npos; i = raw.find('%', i + 1)) {
    if (escape_at(raw, i) == '/') {
      return std::nullopt;
    }
  }
  std::optional<std::string> path = percent_decode(raw);
  const auto forbidden = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f' || c == '\\'; };
  if (!path || std::any_of(path->begin(), path->end(), forbidden) || !core::is_valid_utf8(*path)) {
    return std::nullopt;
  }
  for (const std::string_view segment : core::split(*path, '/')) {
    if (segment == "." || segment == "..") {
      return std::nullopt;
    }
  }
  return path;
}

}  // namespace preloop::net
