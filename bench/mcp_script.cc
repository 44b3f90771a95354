#include "mcp_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::bench {
namespace {

/// As many digits as a number of a call has; it starts with 1, since JSON allows no leading zero.
constexpr std::string_view k_blank = "1000000000";

}  // namespace

McpScript::McpScript(const Target& target, std::size_t body_bytes)
    : target_(target), body_bytes_(body_bytes) {}

std::string McpScript::post(std::string_view session, std::string_view body) const {
  std::string out = fmt::format(
      "POST {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n"
      "Accept: application/json, text/event-stream\r\n",
      target_.path,
      target_.port);
  if (!target_.token.empty()) {
    out += fmt::format("Authorization: Bearer {}\r\n", target_.token);
  }
  if (!session.empty()) {
    out += fmt::format("Mcp-Session-Id: {}\r\nMCP-Protocol-Version: 2025-11-25\r\n", session);
  }
  return out + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

std::string McpScript::initialize() const {
  return post({},
              R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{)"
              R"("protocolVersion":"2025-11-25","capabilities":{},)"
              R"("clientInfo":{"name":"bench","version":"1"}}})");
}

std::string McpScript::initialized(std::string_view session) const {
  return post(session, R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
}

void McpScript::use_session(std::string_view session) {
  std::string body = fmt::format(
      R"({{"jsonrpc":"2.0","id":{0},"method":"tools/call","params":{{"name":"{1}","arguments":{{)"
      R"("n":{0},"amount":42.5,"path":"/srv/projects/preloop/report-2026.txt",)"
      R"("options":{{"recursive":true,"tags":["bench","daily"]}},"text":")",
      k_blank,
      target_.tool);
  constexpr std::string_view k_end = R"("}}})";
  constexpr std::string_view k_words = "The quick brown fox jumps over the lazy dog; ";
  while (body.size() + k_end.size() < body_bytes_) {
    body += k_words.substr(0, std::min(k_words.size(), body_bytes_ - body.size() - k_end.size()));
  }
  call_ = post(session, body.append(k_end));
  id_at_ = call_.find(k_blank, call_.find("\"id\":"));
  argument_at_ = call_.find(k_blank, call_.find("\"n\":"));
}

std::string_view McpScript::call(std::uint64_t number) {
  for (std::size_t digit = k_blank.size() - 1; digit > 0; --digit, number /= 10) {
    const char text = static_cast<char>('0' + number % 10);
    call_[id_at_ + digit] = text;
    call_[argument_at_ + digit] = text;
  }
  return call_;
}

}  // namespace preloop::bench
