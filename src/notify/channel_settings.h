#pragma once
#include "core/result.h"
#include "notify/types.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::notify {

// Channel::settings by kind: read strictly, written completely. Errors are invalid_argument and
// name the member.

struct WebhookSettings {
  std::string url;
};
core::Result<WebhookSettings> read_webhook(std::string_view settings);

struct EmailSettings {
  enum class Security : std::uint8_t {
    starttls,  ///< refused when the server does not offer it
    tls,
    none,  ///< loopback only
  };
  std::string host;
  std::uint16_t port = 587;
  Security security = Security::starttls;
  std::string user;  ///< empty: no authentication
  std::string from;  ///< an address, or "Name <address>"
};
core::Result<EmailSettings> read_email(std::string_view settings);

struct NtfySettings {
  std::string url;
};
core::Result<NtfySettings> read_ntfy(std::string_view settings);

/// The settings of that kind, checked and complete, as they are stored and shown.
core::Result<std::string> normal_settings(Kind kind, std::string_view settings);

/// "ana@example.com" or "Ana <ana@example.com>": no control characters, one address.
bool is_mailbox(std::string_view text);
/// The address of a mailbox.
std::string_view address_of(std::string_view mailbox);

}  // namespace preloop::notify
