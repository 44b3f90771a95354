#include "identity/rate_limit.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace preloop::identity {
namespace {

using core::Code;
using core::fail;

std::unexpected<core::Error> wait_first(core::MonoTime::duration left, std::string_view what) {
  const auto whole = std::max<std::int64_t>(1, std::chrono::ceil<core::seconds>(left).count());
  return fail(Code::resource_exhausted,
              fmt::format("{}; try again in {} seconds", what, whole),
              {{"retry_after", std::to_string(whole)}});
}

std::string_view without_port(std::string_view address) {
  if (address.starts_with('[')) {
    const auto end = address.find(']');
    return end == std::string_view::npos ? address : address.substr(1, end - 1);
  }
  const auto colon = address.find(':');
  const bool is_v4_with_port = colon != std::string_view::npos &&
                               address.find(':', colon + 1) == std::string_view::npos &&
                               address.find('.') < colon;
  return is_v4_with_port ? address.substr(0, colon) : address;
}

std::string v4_network(const unsigned char* bytes) {
  return fmt::format("{}.{}.{}.0/24", bytes[0], bytes[1], bytes[2]);
}

template <class Map, class When>
void erase_oldest(Map& map, When when) {
  map.erase(std::ranges::min_element(
      map, [&](const auto& a, const auto& b) { return when(a.second) < when(b.second); }));
}

}  // namespace

std::string network_of(std::string_view address) {
  std::string host(without_port(address.substr(0, 128)));
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    unsigned char bytes[4];
    std::memcpy(bytes, &v4, sizeof bytes);
    return v4_network(bytes);
  }
  in6_addr v6{};
  if (::inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), &v6) == 1) {
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
      return v4_network(v6.s6_addr + 12);
    }
    std::memset(v6.s6_addr + 8, 0, 8);
    char text[INET6_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET6, &v6, text, sizeof text);
    return fmt::format("{}/64", text);
  }
  return host;
}

core::Status RateLimiter::take(const std::string& key, core::MonoTime now) {
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    if (buckets_.size() >= k_max_entries) {
      erase_oldest(buckets_, [](const Bucket& bucket) { return bucket.at; });
    }
    found = buckets_.emplace(key, Bucket{limits_.burst, now}).first;
  }
  Bucket& bucket = found->second;
  const double passed = std::chrono::duration<double, std::milli>(now - bucket.at).count();
  const double refill = static_cast<double>(limits_.refill.count());
  bucket.tokens = std::min(limits_.burst, bucket.tokens + std::max(0.0, passed) / refill);
  bucket.at = now;
  if (bucket.tokens < 1) {
    const auto left = core::milliseconds(static_cast<std::int64_t>((1 - bucket.tokens) * refill));
    return wait_first(left, "too many attempts from your network");
  }
  bucket.tokens -= 1;
  return {};
}

core::Status LockOut::admit(const std::string& account,
                            const std::string& network,
                            core::MonoTime now) {
  make_room(now);
  Entry& entry = entries_[{account, network}];
  if (entry.failures > 0 && now - entry.last > k_forget_after) {
    entry = {};
  }
  if (now < entry.locked_until) {
    return wait_first(entry.locked_until - now, "too many wrong passwords from your network");
  }
  entry.last = now;
  entry.failures += 1;
  if (entry.failures >= k_free_failures) {
    const int doublings = std::min(entry.failures - k_free_failures, 4);
    entry.locked_until = now + std::min(k_longest_lock, k_first_lock * (1 << doublings));
  }
  return {};
}

void LockOut::succeeded(const std::string& account, const std::string& network) {
  entries_.erase({account, network});
}

void LockOut::undo(const std::string& account, const std::string& network) {
  const auto found = entries_.find({account, network});
  if (found == entries_.end()) {
    return;
  }
  found->second.failures -= 1;
  found->second.locked_until = {};
  if (found->second.failures <= 0) {
    entries_.erase(found);
  }
}

bool LockOut::is_locked(const std::string& account,
                        const std::string& network,
                        core::MonoTime now) const {
  const auto found = entries_.find({account, network});
  return found != entries_.end() && now < found->second.locked_until;
}

void LockOut::make_room(core::MonoTime now) {
  if (entries_.size() < k_max_entries) {
    return;
  }
  std::erase_if(entries_,
                [&](const auto& entry) { return now - entry.second.last > k_forget_after; });
  if (entries_.size() >= k_max_entries) {
    erase_oldest(entries_, [](const Entry& entry) { return entry.last; });
  }
}

}  // namespace preloop::identity
