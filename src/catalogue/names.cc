#include "catalogue/names.h"

#include "core/crypto.h"
#include "core/text.h"

#include <algorithm>
#include <array>

namespace preloop::catalogue {
namespace {

constexpr std::size_t k_max_exposed = 64;
constexpr std::size_t k_hash_digits = 8;

bool is_exposable(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

}  // namespace

std::string exposed_name(std::string_view server, std::string_view tool) {
  std::string name(server);
  name += "__";
  bool changed = false;
  for (const char c : tool) {
    name += is_exposable(c) ? c : '-';
    changed = changed || !is_exposable(c);
  }
  if (!changed && name.size() <= k_max_exposed) {
    return name;
  }
  // The hash covers the original, so that `a.b` and `a/b` stay two names.
  const auto digest = core::sha256(tool);
  name.resize(std::min(name.size(), k_max_exposed - k_hash_digits - 1));
  return name + "-" + core::to_hex(core::as_bytes(digest)).substr(0, k_hash_digits);
}

bool is_valid_server_name(std::string_view name) {
  return !name.empty() && name.size() <= 32 && name.front() != '-' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool is_reserved_tool_name(std::string_view name) {
  static constexpr std::array<std::string_view, 4> k_reserved = {
      "request_approval", "ask_user", "get_approval_status", "await_approval"};
  return std::ranges::find(k_reserved, name) != k_reserved.end();
}

std::string skeleton(std::string_view name) {
  std::string out;
  for (const char c : core::ascii_lower(name)) {
    switch (c) {
      case '-':
      case '.':
      case '/':
      case ' ':
        out += '_';
        break;
      case '0':
        out += 'o';
        break;
      case '1':
      case 'i':
      case '|':
        out += 'l';
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace preloop::catalogue
