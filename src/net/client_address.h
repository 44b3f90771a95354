#pragma once
#include "core/result.h"
#include "net/http.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::net {

/// Address blocks in CIDR form; IPv4 and IPv4-mapped IPv6 are the same. Immutable, any thread.
class AddressBlocks {
 public:
  /// "10.0.0.0/8", "::1", ...; invalid_argument naming the first that is none.
  static core::Result<AddressBlocks> parse(const std::vector<std::string>& blocks);
  /// False for what is not an address.
  bool contains(std::string_view address) const;
  bool empty() const { return blocks_.empty(); }

 private:
  struct Block {
    std::array<std::uint8_t, 16> bytes;
    unsigned prefix;
  };
  std::vector<Block> blocks_;
};

/// "127.0.0.1:80" and "[::1]:80" without the port; an address without port stays as it is.
std::string_view without_port(std::string_view address);

/// Who sent the request: `peer` unless it is a trusted proxy, else the right-most hop of
/// X-Forwarded-For that is none. Hops left of that one are whatever the client wrote.
std::string client_address(std::string_view peer,
                           const Headers& headers,
                           const AddressBlocks& trusted);

}  // namespace preloop::net
