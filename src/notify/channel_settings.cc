#include "notify/channel_settings.h"

#include "core/json.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "net/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace preloop::notify {
namespace {

using core::Code;
using core::fail;
using core::Json;

constexpr std::array<std::string_view, 3> k_security{"starttls", "tls", "none"};

std::unexpected<core::Error> wrong(std::string_view name, std::string message) {
  return fail(Code::invalid_argument,
              fmt::format("{}: {}", name, message),
              {{fmt::format("settings.{}", name), message}});
}

core::Result<core::JsonDocument> open(std::string_view settings,
                                      std::initializer_list<std::string_view> known) {
  PRELOOP_TRY(core::JsonDocument document, core::JsonDocument::parse(std::string(settings)));
  if (!document.root().is_object()) {
    return fail(Code::invalid_argument, "settings must be an object");
  }
  for (const core::JsonMember& member : document.root().members()) {
    if (std::ranges::find(known, member.key) == known.end()) {
      return wrong(core::printable(member.key, 64), "is not a setting here");
    }
  }
  return document;
}

std::string text(Json root, std::string_view name, std::string_view fallback = "") {
  return std::string(root[name].as_string().value_or(fallback));
}

core::Result<std::string> web_address(Json root, std::string_view fallback = "") {
  const std::string address = text(root, "url", fallback);
  const auto url = net::Url::parse(address);
  if (!url) {
    return wrong("url", "must be an http or https address");
  }
  return url->to_string();
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

bool is_address(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos && text.size() <= 254 &&
         std::ranges::all_of(text, [](char c) {
           return c > ' ' && c < 0x7f &&
                  std::string_view("<>()[],;:\\\"").find(c) == std::string_view::npos;
         });
}

}  // namespace

std::string_view address_of(std::string_view mailbox) {
  const auto open_at = mailbox.rfind('<');
  if (open_at == std::string_view::npos || !mailbox.ends_with('>')) {
    return mailbox;
  }
  return mailbox.substr(open_at + 1, mailbox.size() - open_at - 2);
}

bool is_mailbox(std::string_view text) {
  return is_address(address_of(text)) && text.size() <= 320 &&
         std::ranges::all_of(text, [](char c) {
           return static_cast<unsigned char>(c) >= ' ' && c != 0x7f && c != '"';
         });
}

core::Result<WebhookSettings> read_webhook(std::string_view settings) {
  PRELOOP_TRY(const core::JsonDocument document, open(settings, {"url"}));
  WebhookSettings out;
  PRELOOP_TRY(out.url, web_address(document.root()));
  return out;
}

core::Result<NtfySettings> read_ntfy(std::string_view settings) {
  PRELOOP_TRY(const core::JsonDocument document, open(settings, {"url"}));
  NtfySettings out;
  PRELOOP_TRY(out.url, web_address(document.root(), "https://ntfy.sh"));
  if (net::Url::parse(out.url)->target != "/") {
    return wrong("url", "names the server only; topics belong to people");
  }
  return out;
}

core::Result<EmailSettings> read_email(std::string_view settings) {
  PRELOOP_TRY(const core::JsonDocument document,
              open(settings, {"host", "port", "security", "user", "from"}));
  const Json root = document.root();
  EmailSettings out;
  out.host = text(root, "host");
  if (out.host.empty() || out.host.size() > 253 || !std::ranges::all_of(out.host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == ':';
      })) {
    return wrong("host", "must be a host name or an address");
  }
  const auto security = std::ranges::find(k_security, text(root, "security", "starttls"));
  if (security == k_security.end()) {
    return wrong("security", "must be starttls, tls or none");
  }
  out.security = static_cast<EmailSettings::Security>(security - k_security.begin());
  if (out.security == EmailSettings::Security::none && !is_loopback(out.host)) {
    return wrong("security", "only a server on this machine may be spoken to without TLS");
  }
  const std::int64_t port =
      root["port"].as_int().value_or(out.security == EmailSettings::Security::tls ? 465 : 587);
  if (port < 1 || port > 65535) {
    return wrong("port", "must be from 1 to 65535");
  }
  out.port = static_cast<std::uint16_t>(port);
  out.user = text(root, "user");
  if (out.user.size() > 255 ||
      std::ranges::any_of(out.user, [](char c) { return static_cast<unsigned char>(c) < ' '; })) {
    return wrong("user", "has characters that no account has");
  }
  out.from = text(root, "from");
  if (!is_mailbox(out.from)) {
    return wrong("from", "must look like Preloop <preloop@example.com>");
  }
  return out;
}

core::Result<std::string> normal_settings(Kind kind, std::string_view settings) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  switch (kind) {
    case Kind::webhook: {
      PRELOOP_TRY(const WebhookSettings read, read_webhook(settings));
      writer.field("url", read.url);
      break;
    }
    case Kind::ntfy: {
      PRELOOP_TRY(const NtfySettings read, read_ntfy(settings));
      writer.field("url", read.url);
      break;
    }
    case Kind::email: {
      PRELOOP_TRY(const EmailSettings read, read_email(settings));
      writer.field("host", read.host)
          .field("port", static_cast<std::int64_t>(read.port))
          .field("security", k_security[static_cast<std::size_t>(read.security)])
          .field("user", read.user)
          .field("from", read.from);
      break;
    }
  }
  writer.end_object();
  return out;
}

}  // namespace preloop::notify
