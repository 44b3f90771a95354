#pragma once
#include "core/clock.h"
#include "core/result.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace preloop::identity {

// Pure with a clock: `now` is an argument. One owner each; not thread-safe. Both keep at most
// k_max_entries and forget what was touched longest ago. std::map, because the keys are outsiders'.

/// The neighbourhood of an address that counts as one: /24 of IPv4 (also mapped into IPv6), /64 of
/// IPv6. A port and brackets are ignored; anything else is its own network.
std::string network_of(std::string_view address);

/// Token buckets by key: `burst` at once, then one each `refill`.
class RateLimiter {
 public:
  static constexpr std::size_t k_max_entries = 16'384;
  struct Limits {
    double burst = 30;
    core::milliseconds refill{2000};
  };
  explicit RateLimiter(Limits limits) : limits_(limits) {}

  /// resource_exhausted with the seconds to wait when the bucket is empty.
  core::Status take(const std::string& key, core::MonoTime now);
  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    double tokens = 0;
    core::MonoTime at;
  };
  Limits limits_;
  std::map<std::string, Bucket> buckets_;
};

/// Lock-out of password guessing by (account, network) and never by account alone: else anybody
/// could lock anybody out (decision 32). Five failures, then one minute, doubling to fifteen.
///
/// An attempt counts as a failure from the moment it is admitted, so that thirty at once are not
/// thirty guesses.
class LockOut {
 public:
  static constexpr std::size_t k_max_entries = 16'384;
  static constexpr int k_free_failures = 5;
  static constexpr core::seconds k_first_lock{60};
  static constexpr core::seconds k_longest_lock{15 * 60};
  static constexpr core::seconds k_forget_after{60 * 60};

  /// resource_exhausted with the seconds to wait while locked.
  core::Status admit(const std::string& account, const std::string& network, core::MonoTime now);
  /// The password was right: forgets the failures.
  void succeeded(const std::string& account, const std::string& network);
  /// The attempt could not be checked: it does not count.
  void undo(const std::string& account, const std::string& network);
  bool is_locked(const std::string& account, const std::string& network, core::MonoTime now) const;
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    int failures = 0;
    core::MonoTime last;
    core::MonoTime locked_until;
  };
  using Key = std::pair<std::string, std::string>;
  void make_room(core::MonoTime now);
  std::map<Key, Entry> entries_;
};

}  // namespace preloop::identity
