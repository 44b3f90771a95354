#pragma once
#include "notify/texts.h"
#include "notify/types.h"

#include <string>
#include <string_view>

namespace preloop::notify {

/// One e-mail to one person.
struct Mail {
  std::string from;     ///< mailbox
  std::string to;       ///< address
  std::string subject;  ///< one line of UTF-8
  std::string text;
  std::string html;
  std::string message_id;  ///< without brackets; the same for every try
  core::WallTime date;
};

/// The words: text and HTML alike, everything of the agent's escaped.
Mail approval_mail(const Ask& ask, const Links& links);
Mail test_mail(std::string_view public_url);

/// The message as it travels (RFC 5322, MIME multipart/alternative, base64 parts, CRLF). Header
/// values are encoded (RFC 2047): no text can begin a header of its own. Pure.
std::string compose(const Mail& mail);

/// "&lt;" and the like, and what `printable` makes visible.
std::string html_escape(std::string_view text);

}  // namespace preloop::notify
