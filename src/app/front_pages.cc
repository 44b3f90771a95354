#include "app/front_pages.h"

#include "app/pages.h"

namespace preloop::app {
namespace {

std::string_view file(std::string_view name) {
  for (const core::EmbeddedFile& embedded : pages()) {
    if (embedded.name == name) {
      return embedded.content;
    }
  }
  return {};
}

net::Response respond(std::string_view name, std::string_view type) {
  net::Response response;
  response.headers.set("Content-Type", type);
  response.headers.set("Content-Security-Policy",
                       "default-src 'none'; script-src 'self'; style-src 'self'; connect-src "
                       "'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
                       "frame-ancestors 'none'");
  response.headers.set("Referrer-Policy", "no-referrer");
  response.headers.set("X-Frame-Options", "DENY");
  response.body = file(name);
  return response;
}

}  // namespace

std::optional<net::Response> front_page(const net::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    return std::nullopt;
  }
  const std::string_view path = request.path;
  if (path == "/" || path == "/setup" || path == "/reset" || path == "/login" ||
      path.starts_with("/approval/")) {
    return respond("page.html", "text/html; charset=utf-8");
  }
  if (path == "/page.js") {
    return respond("page.js", "text/javascript; charset=utf-8");
  }
  if (path == "/page.css") {
    return respond("page.css", "text/css; charset=utf-8");
  }
  return std::nullopt;
}

}  // namespace preloop::app
