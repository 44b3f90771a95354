#include "net/trace_context.h"

#include <algorithm>

namespace preloop::net {
namespace {

bool is_id(std::string_view hex) {
  return hex.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         hex.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::string valid_traceparent(std::optional<std::string_view> header) {
  if (!header || header->size() != 55) {
    return {};
  }
  const std::string_view text = *header;
  const bool good = text.starts_with("00-") && text[35] == '-' && text[52] == '-' &&
                    is_id(text.substr(3, 32)) && is_id(text.substr(36, 16)) &&
                    text.substr(53).find_first_not_of("0123456789abcdef") == text.npos;
  return good ? std::string(text) : std::string();
}

}  // namespace preloop::net
