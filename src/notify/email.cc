#include "notify/email.h"

#include "core/json.h"
#include "core/text.h"
#include "notify/channel_settings.h"

#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>

namespace preloop::notify {
namespace {

constexpr std::size_t k_most_value = 2000;
constexpr std::string_view k_boundary = "=_preloop_alternative";

/// RFC 2047 words of at most 45 bytes each, cut at code points; plain text stays as it is.
std::string header_text(std::string_view text) {
  std::string line = core::printable(text, 400);
  if (std::ranges::all_of(line, [](char c) { return c >= ' ' && c < 0x7f; }) && line.size() < 70) {
    return line;
  }
  constexpr std::size_t k_word = 45;
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    std::size_t end = std::min(at + k_word, line.size());
    while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    out += out.empty() ? "" : "\r\n ";
    out += fmt::format("=?UTF-8?B?{}?=", core::to_base64(line.substr(at, end - at)));
    at = end;
  }
  return out;
}

std::string header_mailbox(std::string_view mailbox) {
  const std::string_view address = address_of(mailbox);
  if (address == mailbox) {
    return std::string(address);
  }
  const std::string name(core::trim(mailbox.substr(0, mailbox.rfind('<'))));
  return fmt::format("{} <{}>", header_text(name), address);
}

std::string base64_lines(std::string_view bytes) {
  const std::string encoded = core::to_base64(bytes);
  constexpr std::size_t k_line = 76;
  std::string out;
  for (std::size_t at = 0; at < encoded.size(); at += k_line) {
    out += encoded.substr(at, k_line);
    out += "\r\n";
  }
  return out;
}

std::string rfc5322_date(core::WallTime time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000",
                          absl::FromUnixMicros(core::to_micros(time)),
                          absl::UTCTimeZone());
}

/// name → value, as lines.
std::vector<std::pair<std::string, std::string>> rows_of(std::string_view arguments) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto document = core::JsonDocument::parse(std::string(arguments));
  if (!document) {
    return out;
  }
  for (const core::JsonMember& member : document->root().members()) {
    const auto text = member.value().as_string();
    out.emplace_back(
        core::printable(member.key, 100),
        core::printable(text ? std::string(*text) : member.value().dump(), k_most_value));
  }
  return out;
}

std::string clock_text(core::WallTime time) {
  return absl::FormatTime(
      "%Y-%m-%d %H:%M UTC", absl::FromUnixMicros(core::to_micros(time)), absl::UTCTimeZone());
}

std::string button(std::string_view url, std::string_view label, std::string_view colour) {
  return fmt::format(
      "<a href=\"{}\" style=\"display:inline-block;padding:10px 20px;margin:0 8px 8px 0;"
      "border-radius:6px;background:{};color:#ffffff;text-decoration:none\">{}</a>",
      html_escape(url),
      colour,
      label);
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Mail approval_mail(const Ask& ask, const Links& links) {
  Mail mail;
  mail.subject = fmt::format("Approve? {}", title_of(ask));
  const std::string who = body_of(ask);
  std::string& text = mail.text;
  std::string& html = mail.html;
  text = fmt::format("{}\r\n\r\nTool: {} on {}\r\n",
                     who,
                     core::printable(ask.tool, 200),
                     core::printable(ask.server, 200));
  html = fmt::format(
      "<!doctype html><html lang=\"en\"><body style=\"font-family:sans-serif\"><p>{}</p><table>"
      "<tr><td>Tool</td><td><b>{}</b> on {}</td></tr>",
      html_escape(who),
      html_escape(core::printable(ask.tool, 200)),
      html_escape(core::printable(ask.server, 200)));
  for (const auto& [name, value] : rows_of(ask.arguments)) {
    text += fmt::format("  {}: {}\r\n", name, value);
    html += fmt::format(
        "<tr><td>{}</td><td><code>{}</code></td></tr>", html_escape(name), html_escape(value));
  }
  text += fmt::format(
      "\r\nApprove: {}\r\nDecline: {}\r\n\r\nBoth open a page that asks you once more; opening it "
      "decides "
      "nothing. The links are yours alone and work once, until {}. If nobody decides, the call "
      "does not "
      "run.\r\n",
      links.approve,
      links.decline,
      clock_text(ask.expires_at));
  html += fmt::format(
      "</table><p>{}{}</p><p>Both open a page that asks you once more; opening it decides nothing. "
      "The links "
      "are yours alone and work once, until {}. If nobody decides, the call does not "
      "run.</p></body></html>",
      button(links.approve, "Approve", "#2b8a3e"),
      button(links.decline, "Decline", "#c92a2a"),
      clock_text(ask.expires_at));
  return mail;
}

Mail test_mail(std::string_view public_url) {
  Mail mail;
  mail.subject = "Preloop can reach you";
  mail.text = fmt::format("This is the test you asked for at {}.\r\n", public_url);
  mail.html = fmt::format(
      "<!doctype html><html lang=\"en\"><body><p>This is the test you asked for at "
      "{}.</p></body></html>",
      html_escape(public_url));
  return mail;
}

std::string compose(const Mail& mail) {
  const auto part = [](std::string_view type, std::string_view body) {
    return fmt::format(
        "--{}\r\nContent-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        k_boundary,
        type,
        base64_lines(body));
  };
  return fmt::format(
      "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}>\r\nAuto-Submitted: "
      "auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; "
      "boundary=\"{}\"\r\n\r\n{}{}--{}--\r\n",
      header_mailbox(mail.from),
      header_mailbox(mail.to),
      header_text(mail.subject),
      rfc5322_date(mail.date),
      mail.message_id,
      k_boundary,
      part("text/plain", mail.text),
      part("text/html", mail.html),
      k_boundary);
}

}  // namespace preloop::notify
