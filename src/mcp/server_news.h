#pragma once
#include "mcp/client_core.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::mcp {

/// What a connection of revision 2026-07-28 has asked its server to tell by itself, without I/O:
/// one `subscriptions/listen` at a time. Another resource needs another one, which takes the first
/// one's place when the server has acknowledged it, so that nothing is missed in between. One loop.
class ServerNews {
 public:
  /// The lists whose changes the server tells of.
  void offered(const ServerHello& hello) { hello_ = hello; }
  bool wants_any() const;
  /// Of the next `subscriptions/listen`.
  std::string params() const;
  void want(std::string uri) { uris_.insert(std::move(uri)); }
  void forget(const std::string& uri) { uris_.erase(uri); }

  /// Sent with this id.
  void asked(std::uint64_t id) { latest_ = id; }
  std::uint64_t latest() const { return latest_; }
  /// The server has begun to tell. Answers the id of the one that this takes the place of; 0: none.
  std::uint64_t acknowledged(std::uint64_t id, std::vector<std::string> uris);
  /// It has ended; true when it was the latest.
  bool ended(std::uint64_t id);
  bool is_acknowledged(std::uint64_t id) const { return id != 0 && current_ == id; }
  bool grants(std::string_view uri) const;

 private:
  ServerHello hello_;
  std::set<std::string> uris_;
  std::set<std::string, std::less<>> granted_;
  std::uint64_t latest_ = 0;
  std::uint64_t current_ = 0;  ///< acknowledged
};

}  // namespace preloop::mcp
