#include "net/client_address.h"

#include "core/text.h"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace preloop::net {
namespace {
namespace ip = boost::asio::ip;
using Bytes = std::array<std::uint8_t, 16>;

std::optional<Bytes> parse_address(std::string_view text, bool* v4 = nullptr) {
  boost::system::error_code error;
  const auto address = ip::make_address(text, error);
  if (error || text.find('%') != std::string_view::npos) {
    return std::nullopt;
  }
  if (v4 != nullptr) {
    *v4 = address.is_v4();
  }
  return address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes()
                         : address.to_v6().to_bytes();
}

bool same_prefix(const Bytes& a, const Bytes& b, unsigned bits) {
  const unsigned whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) {
    return false;
  }
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

core::Result<AddressBlocks> AddressBlocks::parse(const std::vector<std::string>& blocks) {
  AddressBlocks out;
  for (const std::string& text : blocks) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    bool v4 = false;
    const auto bytes = parse_address(std::string_view(text).substr(0, slash), &v4);
    unsigned prefix = v4 ? 32 : 128;
    bool good = bytes.has_value();
    if (good && slash < text.size()) {
      const char* const end = text.data() + text.size();
      unsigned given = 0;
      const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, given);
      good = error == std::errc() && stop == end && given <= prefix;
      prefix = given;
    }
    if (!good) {
      return core::fail(core::Code::invalid_argument,
                        "not an address block: '" + core::printable(text) +
                            "'; write it as 10.0.0.0/8 or ::1/128");
    }
    out.blocks_.push_back({*bytes, v4 ? prefix + 96 : prefix});
  }
  return out;
}

bool AddressBlocks::contains(std::string_view address) const {
  if (blocks_.empty()) {
    return false;
  }
  const auto bytes = parse_address(address);
  return bytes && std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
           return same_prefix(block.bytes, *bytes, block.prefix);
         });
}

std::string_view without_port(std::string_view address) {
  if (address.starts_with('[')) {
    return address.substr(1, address.find(']') - 1);
  }
  const auto colon = address.find(':');
  const bool one = colon != std::string_view::npos && address.find(':', colon + 1) == address.npos;
  return one ? address.substr(0, colon) : address;
}

std::string client_address(std::string_view peer,
                           const Headers& headers,
                           const AddressBlocks& trusted) {
  std::string_view client = without_port(peer);
  if (!trusted.contains(client)) {
    return std::string(client);
  }
  const auto& fields = headers.fields();
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    if (!core::iequals(field->first, "X-Forwarded-For")) {
      continue;
    }
    auto hops = core::split(field->second, ',');
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
      const std::string_view address = without_port(core::trim(*hop));
      if (!parse_address(address)) {
        return std::string(client);
      }
      client = address;
      if (!trusted.contains(client)) {
        return std::string(client);
      }
    }
  }
  return std::string(client);
}

}  // namespace preloop::net
