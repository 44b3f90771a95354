#pragma once
#include "core/clock.h"
#include "core/result.h"
#include "core/secret.h"

#include <cstdint>
#include <string>

namespace preloop::net {

/// A mail server that takes messages from us, and how to speak to it.
struct SmtpServer {
  std::string host;
  std::uint16_t port = 587;
  enum class Security : std::uint8_t {
    starttls,  ///< required: a server that does not offer it gets nothing
    tls,
    none,
  } security = Security::starttls;
  std::string user;  ///< empty: no authentication
  core::Secret password;
};

struct SmtpMessage {
  std::string from;  ///< bare addresses
  std::string to;
  std::string data;  ///< RFC 5322, CRLF; dots are stuffed here
};

/// Hands one message over. Blocking, for core::Offload; ends by itself within `limit`. Certificates
/// are checked against the system's store, or SSL_CERT_FILE.
///
/// Errors: invalid_argument when the server refused this message or address for good (5xx),
/// permission_denied when it refused the user, unavailable for everything that may pass. The
/// server's own words are not repeated. Thread-safe.
core::Status smtp_send(const SmtpServer& server,
                       const SmtpMessage& message,
                       core::milliseconds limit);

}  // namespace preloop::net
