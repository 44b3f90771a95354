#pragma once
#include "core/clock.h"
#include "core/offload.h"
#include "core/result.h"
#include "core/task.h"

#include <boost/asio/ip/address.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace preloop::net {

using Addresses = std::vector<boost::asio::ip::address>;

/// Names to addresses. getaddrinfo on a pool of four threads of its own, because Asio has one
/// thread for it, where a slow name delayed every other by seconds (decision 5). One lookup a name
/// at a time; answers are kept 30 s, failures 5 s. One loop.
///
/// Cancellation: the waiter returns; the lookup goes on and fills the cache.
class Resolver {
 public:
  using Lookup = std::function<core::Result<Addresses>(const std::string& host)>;
  /// What the operating system says; blocks.
  static core::Result<Addresses> system_lookup(const std::string& host);

  /// `lookup` runs on several threads at a time.
  explicit Resolver(Lookup lookup = system_lookup);
  ~Resolver();

  /// At least one address. `unavailable` when there is none or nothing was heard for 5 s,
  /// deadline_exceeded, cancelled. Literal addresses are answered at once.
  core::Task<core::Result<Addresses>> resolve(std::string host, core::MonoTime deadline);

 private:
  struct State;
  struct Entry;
  static core::Task<void> look_up(std::shared_ptr<State> state,
                                  std::shared_ptr<Entry> entry,
                                  std::string host);
  std::shared_ptr<State> state_;
};

}  // namespace preloop::net
