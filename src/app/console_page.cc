#include "app/console_page.h"

#include "app/console_bundle.h"
#include "core/crypto.h"
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::app {
namespace {

constexpr std::string_view k_nonce_place = "__CSP_NONCE__";

const ConsoleFile* find_file(std::string_view path) {
  const auto files = console_files();
  const auto found = std::ranges::lower_bound(files, path, {}, &ConsoleFile::path);
  return found != files.end() && found->path == path ? &*found : nullptr;
}

bool is_console_path(std::string_view path) {
  const std::string_view first = path.substr(1, path.find('/', 1) - 1);
  return std::ranges::find(console_roots(), first) != console_roots().end();
}

/// Is `coding` among those that Accept-Encoding allows? Browsers send plain lists; "q=0" is no.
bool accepts(const net::Headers& headers, std::string_view coding) {
  const auto accepted = headers.get("Accept-Encoding");
  if (!accepted) {
    return false;
  }
  return std::ranges::any_of(core::split(*accepted, ','), [&](std::string_view item) {
    const auto parts = core::split(item, ';');
    if (!core::iequals(core::trim(parts.front()), coding)) {
      return false;
    }
    return parts.size() == 1 || !core::trim(parts[1]).starts_with("q=0") ||
           core::trim(parts[1]).find_first_of("123456789") != std::string_view::npos;
  });
}

bool has_etag(const net::Headers& headers, std::string_view etag) {
  const auto known = headers.get("If-None-Match");
  return known && std::ranges::any_of(core::split(*known, ','), [&](std::string_view item) {
           item = core::trim(item);
           item = item.starts_with("W/") ? item.substr(2) : item;
           return item == etag;
         });
}

void add_policy(net::Response& response, std::string_view style_source) {
  response.headers.set(
      "Content-Security-Policy",
      fmt::format("default-src 'none'; script-src 'self'; style-src 'self'{}; connect-src 'self'; "
                  "img-src 'self' data:; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
                  "form-action 'self'",
                  style_source));
  response.headers.set("Referrer-Policy", "no-referrer");
  response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.set("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  response.headers.set("X-Frame-Options", "DENY");
}

net::Response file_response(const net::Request& request, const ConsoleFile& file) {
  net::Response response;
  response.headers.set("ETag", file.etag);
  response.headers.set("Vary", "Accept-Encoding");
  response.headers.set("Cache-Control",
                       file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (has_etag(request.headers, file.etag)) {
    response.status = 304;
    return response;
  }
  add_policy(response, "");
  response.headers.set("Content-Type", file.type);
  if (!file.brotli.empty() && accepts(request.headers, "br")) {
    response.headers.set("Content-Encoding", "br");
    response.body = file.brotli;
  } else if (!file.gzip.empty() && accepts(request.headers, "gzip")) {
    response.headers.set("Content-Encoding", "gzip");
    response.body = file.gzip;
  } else {
    response.body = file.plain;
  }
  return response;
}

net::Response document(const ConsoleFile& file) {
  const std::string nonce = core::to_base64url(core::random_bytes(16));
  net::Response response;
  response.headers.set("Content-Type", file.type);
  response.headers.set("Cache-Control", "no-store");
  add_policy(response, fmt::format(" 'nonce-{}'", nonce));
  for (std::string_view rest = file.plain; !rest.empty();) {
    const std::size_t place = rest.find(k_nonce_place);
    response.body += rest.substr(0, place);
    if (place == std::string_view::npos) {
      break;
    }
    response.body += nonce;
    rest.remove_prefix(place + k_nonce_place.size());
  }
  return response;
}

}  // namespace

std::optional<net::Response> console_page(const net::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    return std::nullopt;
  }
  constexpr std::string_view k_document = "/index.html";
  if (is_console_path(request.path)) {
    const ConsoleFile* const file = find_file(k_document);
    return file ? std::optional(document(*file)) : std::nullopt;
  }
  const ConsoleFile* const file = request.path == k_document ? nullptr : find_file(request.path);
  return file ? std::optional(file_response(request, *file)) : std::nullopt;
}

}  // namespace preloop::app
