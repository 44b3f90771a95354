#include "net/http_server.h"

#include "core/crypto.h"
#include "core/deadline.h"
#include "core/log.h"
#include "core/loop_call.h"
#include "net/http1_server.h"
#include "net/open_files.h"
#include "net/tcp.h"
#include "net/tls.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <mutex>
#include <set>

namespace preloop::net {
namespace asio = boost::asio;
namespace log = core::log;
using asio::ip::tcp;
using core::Code;
using core::fail;
using core::Task;

namespace {

/// Descriptors kept for the store, children, upstreams and logs.
constexpr std::size_t k_reserved_files = 256;
constexpr std::size_t k_most_refusing = 64;
constexpr core::milliseconds k_accept_pause{100};
constexpr core::milliseconds k_refusal_time{1'000};

struct Counters {
  std::atomic<std::uint64_t> open{0};
  std::atomic<std::uint64_t> total{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> refusing{0};
  std::atomic<std::uint64_t> requests{0};
};

/// Counts up for as long as it lives.
class Counted {
 public:
  explicit Counted(std::atomic<std::uint64_t>& counter) : counter_(&counter) { ++*counter_; }
  Counted(Counted&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)) {}
  Counted& operator=(Counted&&) = delete;
  ~Counted() {
    if (counter_ != nullptr) {
      --*counter_;
    }
  }

 private:
  std::atomic<std::uint64_t>* counter_;
};

std::uint64_t random_number() {
  std::uint64_t out = 0;
  core::random_bytes(&out, sizeof out);
  return out;
}

/// The connections of one loop.
class LoopConnections {
 public:
  LoopConnections(core::Loop& loop,
                  HttpHandler& handler,
                  const ServerLimits& limits,
                  const AddressBlocks& trusted,
                  Counters& counters)
      : shared_{.loop = loop,
                .handler = handler,
                .limits = limits,
                .trusted_proxies = trusted,
                .requests_total = counters.requests,
                .id_state = random_number()},
        empty_(loop.executor()) {}

  core::Loop& loop() { return shared_.loop; }

  void add(tcp::socket socket, std::shared_ptr<TlsContext> tls, Counted counted) {
    shared_.scope.spawn("net: connection",
                        serve(std::move(socket), std::move(tls), std::move(counted)));
  }
  void refuse(tcp::socket socket, Counted refusing) {
    shared_.scope.spawn("net: refusal", turn_away(std::move(socket), std::move(refusing)));
  }

  Task<void> drain() {
    draining_ = true;
    const auto connections = connections_;
    for (const auto& connection : connections) {
      connection->drain();
    }
    co_return;
  }

  Task<void> finish(core::MonoTime deadline) {
    if (!connections_.empty()) {
      empty_.reset();
      (void)co_await empty_.wait_until(deadline);
    }
    const auto connections = connections_;
    for (const auto& connection : connections) {
      connection->abort();
    }
    co_await shared_.scope.stop();
  }

 private:
  Task<void> serve(tcp::socket socket, std::shared_ptr<TlsContext> tls, Counted) {
    ByteStreamPtr stream;
    if (tls) {
      const auto deadline = std::chrono::steady_clock::now() + shared_.limits.header_timeout;
      auto secured = co_await core::with_deadline(tls_accept(std::move(socket), tls), deadline);
      if (!secured) {
        log::debug("TLS handshake failed", {{"error", secured.error().message}});
        co_return;
      }
      stream = std::move(*secured);
    } else {
      stream = make_tcp_stream(std::move(socket));
    }
    const auto connection = Http1Connection::create(std::move(stream), shared_);
    connections_.insert(connection);
    if (draining_) {
      connection->drain();
    }
    co_await connection->serve();
    connections_.erase(connection);
    if (connections_.empty()) {
      empty_.set();
    }
  }

  Task<void> turn_away(tcp::socket socket, Counted) {
    Response response =
        problem(503, "Service Unavailable", "too many connections are open; try again");
    response.headers.add("Retry-After", "1");
    const ByteStreamPtr stream = make_tcp_stream(std::move(socket));
    if (co_await stream->write_all(closing_response(response, shared_))) {
      // What the client sends must be read, else a reset could overtake the answer.
      (void)co_await core::with_deadline(read_until_end(*stream),
                                         std::chrono::steady_clock::now() + k_refusal_time);
    }
  }

  static Task<core::Result<std::size_t>> read_until_end(ByteStream& stream) {
    char discarded[4096];
    std::size_t total = 0;
    while (total < 64 * sizeof discarded) {
      const auto size = co_await stream.read_some(discarded);
      if (!size || *size == 0) {
        break;
      }
      total += *size;
    }
    co_return total;
  }

  Http1Shared shared_;
  std::set<std::shared_ptr<Http1Connection>> connections_;
  core::Wakeup empty_;
  bool draining_ = false;
};

class Server final : public HttpServer {
 public:
  Server(Options options,
         AddressBlocks trusted,
         std::shared_ptr<TlsContext> tls,
         tcp::acceptor acceptor,
         core::LoopPool& loops,
         HttpHandler& handler)
      : options_(std::move(options)),
        trusted_(std::move(trusted)),
        tls_(std::move(tls)),
        acceptor_(std::move(acceptor)),
        port_(acceptor_.local_endpoint().port()),
        accepting_(loops.at(0).executor()) {
    const std::size_t files = raise_open_file_limit();
    const std::size_t room = files > 2 * k_reserved_files ? files - k_reserved_files : files / 2;
    if (room < options_.limits.max_connections) {
      log::warn("fewer connections than configured: raise the limit of open files (ulimit -n)",
                {{"connections", room}, {"configured", options_.limits.max_connections}});
      options_.limits.max_connections = room;
    }
    for (std::size_t i = 0; i < loops.size(); ++i) {
      per_loop_.push_back(std::make_unique<LoopConnections>(
          loops.at(i), handler, options_.limits, trusted_, counters_));
    }
  }

  std::uint16_t port() const override { return port_; }

  void start() override {
    per_loop_.front()->loop().post([this] { accepting_.spawn("net: accept", accept()); });
  }

  Task<void> stop(core::MonoTime deadline) override {
    co_await core::on_loop(per_loop_.front()->loop(), stop_accepting());
    for (const auto& here : per_loop_) {
      co_await core::on_loop(here->loop(), here->drain());
    }
    for (const auto& here : per_loop_) {
      co_await core::on_loop(here->loop(), here->finish(deadline));
    }
  }

  core::Status reload_tls() override {
    if (!options_.tls) {
      return {};
    }
    PRELOOP_TRY(auto fresh,
                TlsContext::for_server(options_.tls->certificate_chain, options_.tls->private_key));
    const std::lock_guard lock(tls_mutex_);
    tls_ = std::move(fresh);
    return {};
  }

  ServerStats stats() const override {
    return {counters_.open, counters_.total, counters_.refused, counters_.requests};
  }

 private:
  Task<void> stop_accepting() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    co_await accepting_.stop();
  }

  Task<void> accept() {
    std::size_t turn = 0;
    while (acceptor_.is_open()) {
      LoopConnections& next = *per_loop_[turn % per_loop_.size()];
      auto [error, socket] = co_await acceptor_.async_accept(next.loop().executor(),
                                                             asio::as_tuple(asio::use_awaitable));
      if (!error) {
        ++turn;
        hand_over(next, std::move(socket));
      } else if (error == asio::error::operation_aborted || co_await core::is_cancelled()) {
        co_return;
      } else if (error != asio::error::connection_aborted) {
        // Out of descriptors or memory: the backlog waits until some are free again.
        log::warn("cannot accept connections", {{"error", error.message()}});
        (void)co_await core::sleep_until(std::chrono::steady_clock::now() + k_accept_pause);
      }
    }
  }

  void hand_over(LoopConnections& there, tcp::socket socket) {
    ++counters_.total;
    if (counters_.open >= options_.limits.max_connections) {
      ++counters_.refused;
      // Over TLS, or when many are being told already, the closed connection says it all.
      if (!options_.tls && counters_.refusing < k_most_refusing) {
        there.loop().post(
            [&there, socket = std::move(socket), counted = Counted(counters_.refusing)]() mutable {
              there.refuse(std::move(socket), std::move(counted));
            });
      }
      return;
    }
    there.loop().post([&there,
                       socket = std::move(socket),
                       tls = current_tls(),
                       counted = Counted(counters_.open)]() mutable {
      there.add(std::move(socket), std::move(tls), std::move(counted));
    });
  }

  std::shared_ptr<TlsContext> current_tls() {
    const std::lock_guard lock(tls_mutex_);
    return tls_;
  }

  Options options_;
  AddressBlocks trusted_;
  std::mutex tls_mutex_;
  std::shared_ptr<TlsContext> tls_;
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  core::TaskScope accepting_;
  Counters counters_;
  std::vector<std::unique_ptr<LoopConnections>> per_loop_;
};

core::Result<tcp::acceptor> listen_on(const ListenAddress& address, core::Loop& loop) {
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(address.host, error);
  if (error) {
    return fail(Code::invalid_argument, "'" + address.host + "' is not an address");
  }
  const tcp::endpoint endpoint(ip, address.port);
  tcp::acceptor acceptor(loop.executor());
  acceptor.open(endpoint.protocol(), error);
  if (!error) {
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  }
  if (!error) {
    acceptor.bind(endpoint, error);
  }
  if (!error) {
    acceptor.listen(4096, error);
  }
  if (error == asio::error::address_in_use) {
    return fail(Code::failed_precondition,
                to_string(endpoint) +
                    " is taken by another process; stop it or choose another --listen address");
  }
  if (error) {
    return fail(Code::failed_precondition,
                "cannot listen on " + to_string(endpoint) + ": " + error.message());
  }
  return acceptor;
}

}  // namespace

core::Result<std::unique_ptr<HttpServer>> HttpServer::create(Options options,
                                                             core::LoopPool& loops,
                                                             HttpHandler& handler) {
  PRELOOP_TRY(auto trusted, AddressBlocks::parse(options.trusted_proxies));
  std::shared_ptr<TlsContext> tls;
  if (options.tls) {
    PRELOOP_TRY(tls,
                TlsContext::for_server(options.tls->certificate_chain, options.tls->private_key));
  }
  PRELOOP_TRY(auto acceptor, listen_on(options.address, loops.at(0)));
  return std::make_unique<Server>(
      std::move(options), std::move(trusted), std::move(tls), std::move(acceptor), loops, handler);
}

}  // namespace preloop::net
