#include "core/text.h"
#include "net/http_server.h"

#include <boost/asio/ip/address.hpp>

#include <charconv>

namespace preloop::net {

core::Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto wrong = [&] {
    return core::fail(core::Code::invalid_argument,
                      "'" + core::printable(text, 100) +
                          "' is not an address to listen on; write 127.0.0.1:8000 or [::1]:8000");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return wrong();
  }
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.starts_with('[') && host.ends_with(']');
  if (brackets) {
    host = host.substr(1, host.size() - 2);
  }
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error || address.is_v6() != brackets) {
    return wrong();
  }
  ListenAddress out{std::string(host), 0};
  const char* const end = text.data() + text.size();
  const auto [stop, bad] = std::from_chars(text.data() + colon + 1, end, out.port);
  if (bad != std::errc() || stop != end) {
    return wrong();
  }
  return out;
}

}  // namespace preloop::net
