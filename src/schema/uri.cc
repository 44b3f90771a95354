#include "schema/uri.h"

#include "core/text.h"

#include <optional>

namespace preloop::schema {
namespace {

struct Parts {
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

/// RFC 3986 appendix B, by hand.
Parts split_uri(std::string_view uri) {
  Parts parts;
  if (const auto hash = uri.find('#'); hash != uri.npos) {
    parts.fragment = uri.substr(hash + 1);
    uri = uri.substr(0, hash);
  }
  if (const auto mark = uri.find('?'); mark != uri.npos) {
    parts.query = uri.substr(mark + 1);
    uri = uri.substr(0, mark);
  }
  if (const auto end = uri.find_first_of(":/"); end != uri.npos && end > 0 && uri[end] == ':') {
    parts.scheme = uri.substr(0, end);
    uri = uri.substr(end + 1);
  }
  if (uri.starts_with("//")) {
    const auto slash = uri.find('/', 2);
    parts.authority = uri.substr(2, slash == uri.npos ? uri.npos : slash - 2);
    uri = slash == uri.npos ? std::string_view() : uri.substr(slash);
  }
  parts.path = uri;
  return parts;
}

/// RFC 3986 section 5.2.4.
std::string remove_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    if (path.starts_with("../")) {
      path.remove_prefix(3);
    } else if (path.starts_with("./") || path.starts_with("/./")) {
      path.remove_prefix(2);
    } else if (path == "/.") {
      path = "/";
    } else if (path.starts_with("/../") || path == "/..") {
      path = path.size() == 3 ? std::string_view("/") : path.substr(3);
      const auto slash = out.rfind('/');
      out.resize(slash == out.npos ? 0 : slash);
    } else if (path == "." || path == "..") {
      path = {};
    } else {
      const auto slash = path.find('/', 1);
      out += path.substr(0, slash);
      path = slash == path.npos ? std::string_view() : path.substr(slash);
    }
  }
  return out;
}

std::string merge_paths(const Parts& base, std::string_view path) {
  if (base.authority && base.path.empty()) {
    return "/" + std::string(path);
  }
  const auto slash = base.path.rfind('/');
  return std::string(base.path.substr(0, slash == base.path.npos ? 0 : slash + 1)) +
         std::string(path);
}

}  // namespace

std::string resolve_uri(std::string_view base_uri, std::string_view reference) {
  const Parts base = split_uri(base_uri);
  const Parts ref = split_uri(reference);
  std::string out;
  const auto scheme = ref.scheme ? ref.scheme : base.scheme;
  if (scheme) {
    out.append(*scheme).append(":");
  }
  const auto authority = ref.scheme || ref.authority ? ref.authority : base.authority;
  if (authority) {
    out.append("//").append(*authority);
  }
  auto query = ref.query;
  if (ref.scheme || ref.authority) {
    // An opaque path (urn:…) has no dot segments to remove.
    out += ref.path.starts_with('/') ? remove_dot_segments(ref.path) : std::string(ref.path);
  } else if (ref.path.empty()) {
    out += base.path;
    if (!query) {
      query = base.query;
    }
  } else if (ref.path.starts_with('/')) {
    out += remove_dot_segments(ref.path);
  } else {
    out += remove_dot_segments(merge_paths(base, ref.path));
  }
  if (query) {
    out.append("?").append(*query);
  }
  if (ref.fragment) {
    out.append("#").append(*ref.fragment);
  }
  return out;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      if (const auto byte = core::from_hex(text.substr(i + 1, 2))) {
        out += *byte;
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

}  // namespace preloop::schema
