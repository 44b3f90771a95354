#include "app/server.h"

#include "app/blocking.h"
#include "app/data_dir.h"
#include "app/first_start.h"
#include "app/wiring.h"
#include "core/log.h"
#include "net/http_server.h"

#include <fmt/format.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace preloop::app {
namespace {

constexpr core::seconds k_drain{30};

/// Listens before there is anybody to answer: ports are bound while we may still be root, and a
/// taken one is reported before anything else is done.
class LateHandler final : public net::HttpHandler {
 public:
  void set(net::HttpHandler& handler) { handler_ = &handler; }
  core::Task<void> handle(net::Request& request,
                          net::Responder& responder,
                          const core::CallContext& context) override {
    return handler_->handle(request, responder, context);
  }
  std::size_t max_body(std::string_view path) const override { return handler_->max_body(path); }

 private:
  net::HttpHandler* handler_ = nullptr;  ///< set before any listener starts
};

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&set, number);
  }
  return set;
}

std::string invoking_home() {
  const char* const sudo = std::getenv("SUDO_USER");
  const passwd* const entry = sudo != nullptr && ::geteuid() == 0 ? ::getpwnam(sudo) : nullptr;
  if (entry != nullptr) {
    return entry->pw_dir;
  }
  const char* const home = std::getenv("HOME");
  return home == nullptr ? std::string() : std::string(home);
}

unsigned invoking_id(const char* variable, unsigned fallback) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? fallback : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

void print_welcome(const Config& config, const FirstStart& first, const std::string& program) {
  std::string text =
      fmt::format("\nPreloop {} is ready at {}\n", PRELOOP_VERSION, config.public_url);
  if (!first.sign_in_url.empty()) {
    text +=
        fmt::format("\n  Become the owner, once, within 24 hours:\n    {}\n", first.sign_in_url);
  }
  if (first.is_first && config.example) {
    text += "\n  Then try, in another terminal:\n";
    const std::string key = first.agent_key_shown.empty()
                                ? std::string()
                                : "PRELOOP_TOKEN=" + first.agent_key_shown + " ";
    for (const std::string_view command :
         {"tools call get_balance",
          R"(tools call pay --args '{"recipient":"Ana","amount":50}')",
          R"(tools call pay --args '{"recipient":"Ana","amount":150}'   # waits for you)"}) {
      text += fmt::format("    {}{} {}\n", key, program, command);
    }
    text += fmt::format(
        "\n  Decide on what waits:\n    {} login && {} approvals approve last\n", program, program);
  }
  std::fputs((text + "\n").c_str(), stdout);
  std::fflush(stdout);
}

struct Listeners {
  std::vector<std::unique_ptr<net::HttpServer>> all;
  std::vector<std::unique_ptr<net::HttpServer>> metrics;

  core::Status bind(Config& config,
                    core::LoopPool& loops,
                    net::HttpHandler& front,
                    net::HttpHandler& metrics_handler) {
    for (const net::ListenAddress& address : config.listen) {
      PRELOOP_TRY(auto server,
                  net::HttpServer::create({.address = address,
                                           .limits = {},
                                           .tls = config.tls,
                                           .trusted_proxies = config.trusted_proxies},
                                          loops,
                                          front));
      all.push_back(std::move(server));
    }
    if (config.metrics_listen) {
      PRELOOP_TRY(auto server,
                  net::HttpServer::create({.address = *config.metrics_listen,
                                           .limits = {},
                                           .tls = std::nullopt,
                                           .trusted_proxies = {}},
                                          loops,
                                          metrics_handler));
      metrics.push_back(std::move(server));
    }
    if (config.public_url.empty()) {
      const net::ListenAddress& first = config.listen.front();
      const std::string host =
          first.host == "0.0.0.0" || first.host == "::" ? "127.0.0.1" : first.host;
      config.public_url = fmt::format("{}://{}:{}",
                                      config.tls ? "https" : "http",
                                      host.find(':') == std::string::npos ? host : "[" + host + "]",
                                      all.front()->port());
    }
    return {};
  }
  void start() {
    for (auto* const servers : {&all, &metrics}) {
      for (const auto& server : *servers) {
        server->start();
      }
    }
  }
  core::Task<void> stop() {
    const auto deadline = std::chrono::steady_clock::now() + k_drain;
    for (auto* const servers : {&all, &metrics}) {
      for (const auto& server : *servers) {
        co_await server->stop(deadline);
      }
    }
  }
  net::ServerStats stats() const {
    net::ServerStats sum;
    for (const auto& server : all) {
      const net::ServerStats one = server->stats();
      sum.connections_open += one.connections_open;
      sum.connections_total += one.connections_total;
      sum.connections_refused += one.connections_refused;
      sum.requests_total += one.requests_total;
    }
    return sum;
  }
};

void wait_for_signals(Listeners& listeners, bool has_tls) {
  const sigset_t set = handled_signals();
  int number = 0;
  while (sigwait(&set, &number) == 0 && number == SIGHUP) {
    for (const auto& server : listeners.all) {
      if (const core::Status read = server->reload_tls(); !read) {
        core::log::error("the TLS files could not be read again; the old ones stay",
                         {{"error", read.error().message}});
      } else if (has_tls) {
        core::log::info("the TLS files were read again");
      }
    }
  }
}

}  // namespace

core::Status run_server(Config config, const std::string& program) {
  // Blocked here and in every thread to come, so that only sigwait sees them.
  const sigset_t set = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  PRELOOP_TRY(const RunAs user, choose_run_as(config.run_as));
  PRELOOP_CHECK(prepare_data_dir(config.data_dir, user));
  std::optional<PendingClientFile> client_file;
  if (config.example && !config.database_url && is_fresh_data_dir(config.data_dir)) {
    if (auto opened = PendingClientFile::open(invoking_home(),
                                              invoking_id("SUDO_UID", ::geteuid()),
                                              invoking_id("SUDO_GID", ::getegid()))) {
      client_file.emplace(std::move(*opened));
    }
  }

  FoundationOptions options;
  options.data_dir = config.data_dir;
  options.database_url = config.database_url.value_or(core::Secret());
  options.master_key_file = config.master_key_file;
  options.master_key_command = config.master_key_command;
  options.io_threads = config.io_threads;
  options.holder = "preloop serve";
  Foundation foundation(std::move(options));
  LateHandler front;
  std::unique_ptr<Wiring> wiring;
  MetricsOnly metrics([&wiring] { return wiring->metrics(); });
  Listeners listeners;
  PRELOOP_CHECK(listeners.bind(config, foundation.loops, front, metrics));
  PRELOOP_CHECK(drop_privileges(user));
  PRELOOP_CHECK(foundation.open());

  core::Loop& main_loop = foundation.loops.at(0);
  wiring = std::make_unique<Wiring>(foundation, config);
  front.set(wiring->front());
  wiring->set_listener_stats([&listeners] { return listeners.stats(); });
  core::Status started = run_blocking(main_loop, wiring->start());
  if (started) {
    auto first = run_blocking(main_loop, first_start(*wiring, config, std::move(client_file)));
    if (first) {
      listeners.start();
      core::log::info("ready", {{"url", config.public_url}, {"version", PRELOOP_VERSION}});
      print_welcome(config, *first, program);
      wait_for_signals(listeners, config.tls.has_value());
      core::log::info("draining; a second signal ends at once");
      std::thread([] {
        const sigset_t again = handled_signals();
        int number = 0;
        do {
          sigwait(&again, &number);
        } while (number == SIGHUP);
        ::_exit(1);
      }).detach();
    } else {
      started = std::unexpected(first.error());
    }
  }
  run_blocking(main_loop, wiring->drain());
  run_blocking(main_loop, listeners.stop());
  run_blocking(main_loop, wiring->stop());
  // In this order: what handles requests goes before the loops and the store it stands on.
  listeners.all.clear();
  listeners.metrics.clear();
  foundation.close();
  wiring.reset();
  return started;
}

}  // namespace preloop::app
