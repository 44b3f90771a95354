#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::bench {

/// Where requests go and what they carry.
struct Target {
  std::uint16_t port = 0;
  std::string path;
  std::string token;  ///< bearer; empty: none
  std::string tool;
};

/// The requests of one MCP client (revision 2025-11-25), as bytes. The call's bytes are made once;
/// only its number, which is both the JSON-RPC id and `arguments.n`, changes.
class McpScript {
 public:
  McpScript(const Target& target, std::size_t body_bytes);

  std::string initialize() const;
  std::string initialized(std::string_view session) const;
  /// Makes the call's bytes for `session`; empty: a POST without a session.
  void use_session(std::string_view session);
  /// Valid until the next call.
  std::string_view call(std::uint64_t number);

 private:
  std::string post(std::string_view session, std::string_view body) const;

  Target target_;
  std::size_t body_bytes_;
  std::string call_;
  std::size_t id_at_ = 0;
  std::size_t argument_at_ = 0;
};

}  // namespace preloop::bench
