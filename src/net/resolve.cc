#include "net/resolve.h"

#include "core/text.h"
#include "core/wakeup.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <unordered_map>

namespace preloop::net {
namespace asio = boost::asio;
using core::Code;
using core::fail;

namespace {

constexpr core::seconds k_patience{5};
constexpr core::seconds k_keep{30};
constexpr core::seconds k_keep_failure{5};
constexpr std::size_t k_threads = 4;
constexpr std::size_t k_most_names = 1024;
constexpr std::size_t k_most_addresses = 8;

core::MonoTime now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

struct Resolver::Entry {
  explicit Entry(const asio::any_io_executor& executor) : done(executor) {}
  core::Wakeup done;
  core::Result<Addresses> answer;
  core::MonoTime expires = core::MonoTime::max();  ///< of the answer, once there is one
};

struct Resolver::State {
  Lookup lookup;
  std::unique_ptr<core::Offload> pool;  ///< made when the first name comes
  std::unordered_map<std::string, std::shared_ptr<Entry>> entries;

  void make_room() {
    if (entries.size() >= k_most_names) {
      std::erase_if(entries, [](const auto& item) { return item.second->expires <= now(); });
    }
    if (entries.size() >= k_most_names) {
      entries.clear();  // running lookups keep their own entry
    }
  }
};

Resolver::Resolver(Lookup lookup) : state_(std::make_shared<State>()) {
  state_->lookup = std::move(lookup);
}
Resolver::~Resolver() = default;

core::Task<void> Resolver::look_up(std::shared_ptr<State> state,
                                   std::shared_ptr<Entry> entry,
                                   std::string host) {
  entry->answer =
      co_await state->pool->run([lookup = state->lookup, host] { return lookup(host); });
  entry->expires = now() + (entry->answer ? k_keep : k_keep_failure);
  entry->done.set();
}

core::Task<core::Result<Addresses>> Resolver::resolve(std::string host, core::MonoTime deadline) {
  boost::system::error_code not_literal;
  const auto literal = asio::ip::make_address(host, not_literal);
  if (!not_literal) {
    co_return Addresses{literal};
  }
  const auto executor = co_await asio::this_coro::executor;
  std::shared_ptr<Entry> entry;
  if (const auto known = state_->entries.find(host);
      known != state_->entries.end() && now() < known->second->expires) {
    entry = known->second;
  } else {
    state_->make_room();
    entry = std::make_shared<Entry>(executor);
    state_->entries[host] = entry;
    if (!state_->pool) {
      state_->pool = std::make_unique<core::Offload>(k_threads);
    }
    // Nobody waits for it for longer than it pleases; it owns all it uses.
    asio::co_spawn(executor, look_up(state_, entry, host), asio::detached);
  }
  const core::MonoTime patience = now() + k_patience;
  switch (co_await entry->done.wait_until(std::min(patience, deadline))) {
    case core::Outcome::in_time:
      co_return entry->answer;
    case core::Outcome::cancelled:
      co_return fail(Code::cancelled, "the caller went away");
    case core::Outcome::late:
      break;
  }
  if (deadline < patience) {
    co_return fail(Code::deadline_exceeded, "looking up " + host + " took too long");
  }
  co_return fail(Code::unavailable, "the name server does not answer for " + host);
}

core::Result<Addresses> Resolver::system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list); error != 0) {
    return fail(Code::unavailable,
                "cannot find the address of " + core::printable(host) + ": " + gai_strerror(error));
  }
  Addresses out;
  for (const addrinfo* item = list; item != nullptr && out.size() < k_most_addresses;
       item = item->ai_next) {
    if (item->ai_family == AF_INET) {
      const auto* const address = reinterpret_cast<const sockaddr_in*>(item->ai_addr);
      out.push_back(asio::ip::make_address_v4(ntohl(address->sin_addr.s_addr)));
    } else if (item->ai_family == AF_INET6) {
      const auto* const address = reinterpret_cast<const sockaddr_in6*>(item->ai_addr);
      asio::ip::address_v6::bytes_type bytes;
      std::copy_n(address->sin6_addr.s6_addr, bytes.size(), bytes.begin());
      out.push_back(asio::ip::make_address_v6(bytes, address->sin6_scope_id));
    }
  }
  freeaddrinfo(list);
  if (out.empty()) {
    return fail(Code::unavailable, core::printable(host) + " has no address");
  }
  return out;
}

}  // namespace preloop::net
