#pragma once
#include "core/clock.h"
#include "core/id.h"
#include "identity/principal.h"
#include "mcp/client_abilities.h"
#include "mcp/revision.h"
#include "mcp/stream_shelf.h"
#include "mcp/subscriptions.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace preloop::mcp {

/// What one agent has open, over all its sessions and all loops.
struct AgentLoad {
  std::atomic<int> calls = 0;          ///< in flight
  std::atomic<int> subscriptions = 0;  ///< streams of subscriptions/listen
};

/// One client's MCP session; or, in a revision that has none, what one request brings along, which
/// nobody else finds. `facts` never change, so that every loop may read them; the counters
/// are atomics that any loop may touch. `shelf` and `subscriptions` belong to the loop
/// `facts.owner`.
struct Session {
  struct Facts {
    std::string id;  ///< 256 random bits, base64url; empty without a session
    Revision revision = k_latest_revision;
    std::string client;            ///< clientInfo "name version", printable: a label, never trusted
    ClientAbilities can;           ///< what its client may be asked for
    identity::AgentPrincipal who;  ///< the session is of this key only …
    std::optional<core::ServerId> server;  ///< … and of this path only; empty: /mcp/v1
    std::size_t owner = 0;                 ///< index of the loop that owns `shelf`
  };
  explicit Session(Facts given) : facts(std::move(given)) {}

  void touch(core::MonoTime now) { last_active = now.time_since_epoch().count(); }
  core::MonoTime last_activity() const {
    return core::MonoTime{core::MonoTime::duration{last_active.load(std::memory_order_relaxed)}};
  }

  const Facts facts;
  std::shared_ptr<AgentLoad> load;  ///< set before the session is published
  std::atomic<bool> ended = false;
  std::atomic<core::MonoTime::rep> last_active = 0;
  std::atomic<int> calls = 0;      ///< in flight
  std::atomic<int> listeners = 0;  ///< open GET streams
  /// The GET stream that gets the server's messages (each goes to exactly one); 0: any may claim.
  std::atomic<std::uint64_t> chosen_listener = 0;
  std::atomic<std::uint64_t> last_stream = 0;   ///< stream numbers are unique in the session
  std::atomic<std::uint64_t> last_request = 0;  ///< so are those of requests to the client
  /// Least log level the client wants, by its place in k_log_levels; 0 is everything.
  std::atomic<int> log_level = 0;
  /// The lists a client may be told of when they change; resources with their templates.
  enum class List : std::uint8_t { tools, resources, prompts };
  static constexpr std::array k_lists{List::tools, List::resources, List::prompts};
  /// Digest of each list as the client has seen it or been told of it; 0: it never listed.
  std::atomic<std::uint64_t>& seen(List list) { return seen_[static_cast<std::size_t>(list)]; }

  StreamShelf shelf;
  Subscriptions subscriptions;  ///< of the loop `facts.owner`, as `shelf`

 private:
  std::array<std::atomic<std::uint64_t>, k_lists.size()> seen_{};
};
using SessionPtr = std::shared_ptr<Session>;

}  // namespace preloop::mcp
