#pragma once
#include "core/task_scope.h"
#include "core/wakeup.h"
#include "net/connector.h"
#include "net/inbox.h"
#include "net/phase_timer.h"

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace preloop::net {

class ClientPool;
struct OriginPool;

/// One connection of an HttpClient. A reader task sees its end also while it is idle, so that a
/// request is not written into a connection the server has closed. Held by whoever uses it and by
/// its reader; counts towards its origin until closed.
class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(ClientPool& pool, std::shared_ptr<OriginPool> origin, ByteStreamPtr stream);

  ByteStream& stream() { return *stream_; }
  Inbox& inbox() { return inbox_; }
  /// Closes the connection when it comes; `timed_out` tells why then.
  void set_deadline(core::MonoTime deadline) { timer_.set_until(deadline); }
  bool timed_out() const { return timed_out_; }
  bool usable() const { return open_ && !inbox_.ended() && inbox_.bytes().empty(); }
  void close();

 private:
  friend class ClientPool;
  static core::Task<void> read(std::shared_ptr<ClientConnection> self);
  void on_timer();
  ClientPool* pool_;  ///< null once closed
  std::shared_ptr<OriginPool> origin_;
  ByteStreamPtr stream_;
  Inbox inbox_;
  PhaseTimer timer_;
  bool open_ = true;
  bool idle_ = false;
  bool timed_out_ = false;
};
using ClientConnectionPtr = std::shared_ptr<ClientConnection>;

/// Connections by origin, with the limits of ClientLimits; those who find none free wait in line.
/// One loop. `stop` before destroying.
class ClientPool {
 public:
  ClientPool(core::Loop& loop, ClientOptions options);

  struct Acquired {
    ClientConnectionPtr connection;
    bool reused = false;
  };
  enum class Accept : std::uint8_t { idle_ones, fresh_only };
  /// `name` is the URL's origin.
  core::Task<core::Result<Acquired>> acquire(const std::string& name,
                                             const Url& url,
                                             Accept accept,
                                             core::MonoTime deadline);
  /// After a complete exchange; closes it when the origin has enough idle ones.
  void give_back(const ClientConnectionPtr& connection);
  core::Task<void> stop();
  const ClientOptions& options() const { return options_; }

 private:
  friend class ClientConnection;
  void forget(ClientConnection& connection);
  void slot_freed(OriginPool& origin);
  core::Task<core::Result<Acquired>> open_one(std::shared_ptr<OriginPool> origin,
                                              const Url& url,
                                              core::MonoTime deadline);
  core::Task<core::Result<Acquired>> wait_in_line(std::shared_ptr<OriginPool> origin,
                                                  const Url& url,
                                                  core::MonoTime deadline);

  core::Loop& loop_;
  ClientOptions options_;
  Connector connector_;
  core::TaskScope scope_;
  bool stopped_ = false;
  std::map<std::string, std::shared_ptr<OriginPool>> origins_;
  std::set<ClientConnection*> connections_;  ///< every open one
};

}  // namespace preloop::net
