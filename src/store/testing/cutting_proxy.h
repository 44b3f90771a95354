#pragma once
#include "store/testing/temp_dir.h"

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace preloop::store::testing {

/// Stands between a client and PostgreSQL's Unix socket and cuts the line at a chosen point, as a
/// network would. Thread-safe.
class CuttingProxy {
 public:
  enum class Cut : std::uint8_t {
    never,
    before_commit,  ///< the server never sees the next COMMIT
    after_commit,   ///< the server has done it, the client never hears
  };

  /// `server` is the path of the server's socket.
  explicit CuttingProxy(std::string server);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  /// The URL of database `name` through the proxy.
  std::string url(std::string_view name) const;
  /// Cuts the next line that commits, once; new lines are refused from then on, until allow().
  void cut_and_refuse(Cut at);
  void allow();
  /// Waits until `count` new lines were refused since cut_and_refuse(); false after half a minute.
  bool wait_until_refused(int count);

 private:
  void accept_lines();
  void relay(int client);
  /// Takes the order, if it is `at`.
  bool take(Cut at);

  const std::string server_;
  const TempDir folder_;
  int listening_ = -1;
  std::mutex mutex_;
  std::condition_variable changed_;
  Cut cut_ = Cut::never;
  bool refusing_ = false;
  int refused_ = 0;
  std::list<int> lines_;
  std::list<std::thread> threads_;
  std::thread accepting_;
};

}  // namespace preloop::store::testing
