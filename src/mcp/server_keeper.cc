#include "mcp/server_keeper.h"

#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/log.h"
#include "core/text.h"
#include "mcp/server_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace preloop::mcp {

using catalogue::ServerStatus;
using catalogue::Transport;
using core::Code;
using core::fail;
using core::Task;
namespace log = core::log;
using Clock = std::chrono::steady_clock;

namespace {

constexpr core::milliseconds k_failed_grace{2'000};
/// Resources that are asked for again after a new start.
constexpr std::size_t k_max_subscriptions = 1'000;

std::uint32_t random_number() {
  std::uint32_t number = 0;
  core::random_bytes(&number, sizeof number);
  return number;
}

}  // namespace

ServerKeeper::ServerKeeper(const KeeperSettings& settings,
                           net::HttpClient& client,
                           catalogue::Server server,
                           OnSession on_session,
                           OnTarget on_target,
                           OnUpdate on_update)
    : settings_(settings),
      client_(client),
      server_(std::move(server)),
      on_session_(std::move(on_session)),
      on_target_(std::move(on_target)),
      on_update_(std::move(on_update)),
      scope_(settings.owner.executor()),
      changed_(settings.owner.executor()),
      backoff_(settings.backoff),
      debounce_(settings.list_delay, settings.list_spacing) {}

void ServerKeeper::start() {
  scope_.spawn("keep an MCP server connected", run());
}

void ServerKeeper::list_changed() {
  debounce_.note(Clock::now());
  changed_.set();
}
void ServerKeeper::reopened() {
  must_subscribe_ = true;
  list_changed();
}
void ServerKeeper::subscribed(std::string uri) {
  if (subscriptions_.size() < k_max_subscriptions) {
    subscriptions_.insert(std::move(uri));
  }
}
void ServerKeeper::suspect() {
  list_changed();  // a listing that fails tells
}
void ServerKeeper::ended(std::string why) {
  ended_ = why.empty() ? "the connection ended" : std::move(why);
  changed_.set();
}

Task<core::Status> ServerKeeper::scan() {
  if (stopping_) {
    co_return fail(Code::unavailable, "the server is being stopped");
  }
  if (!scan_) {
    scan_ = std::make_shared<Scan>(core::Wakeup(settings_.owner.executor()));
  }
  const std::shared_ptr<Scan> mine = scan_;
  changed_.set();
  co_await mine->done.wait_until(Clock::now() + settings_.open_limit + settings_.list_limit);
  co_return mine->outcome.value_or(fail(Code::deadline_exceeded, "the server took too long"));
}

void ServerKeeper::finish_scans(const core::Status& how) {
  if (const auto scan = std::exchange(scan_, nullptr)) {
    scan->outcome = how;
    scan->done.set();
  }
}

Task<void> ServerKeeper::stop(core::milliseconds grace) {
  stopping_ = true;
  co_await scope_.stop();
  finish_scans(fail(Code::unavailable, "the server is being stopped"));
  if (const auto session = std::exchange(session_, nullptr)) {
    on_session_(nullptr);
    co_await session->stop(grace);
  }
}

Task<void> ServerKeeper::run() {
  while (!stopping_ && !co_await core::is_cancelled()) {
    backoff_.started(Clock::now());
    co_await report(ServerStatus::connecting, {});
    core::Status status = co_await connect();
    if (status) {
      status = co_await attend();
    }
    if (stopping_ || co_await core::is_cancelled()) {
      co_return;
    }
    finish_scans(status);
    const std::string why = core::printable(status.error().message, 500);
    co_await disconnect();
    const auto wait = backoff_.failed(Clock::now(), random_number());
    log::warn("MCP server is not available",
              {{"server", server_.config.name},
               {"why", why},
               {"failures", backoff_.failures()},
               {"again in ms", wait.count()}});
    co_await report(
        ServerStatus::failed,
        backoff_.breaker_open()
            ? fmt::format("failed {} times in a row, last: {}", backoff_.failures(), why)
            : why);
    const auto until = Clock::now() + wait;
    while (!scan_ && Clock::now() < until && !co_await core::is_cancelled()) {
      changed_.reset();
      co_await changed_.wait_until(until);
    }
    if (scan_) {
      backoff_.reset();
    }
  }
}

Task<core::Status> ServerKeeper::connect() {
  ended_.clear();
  const auto deadline = Clock::now() + settings_.open_limit;
  PRELOOP_CO_CHECK(co_await make_session());
  if (auto opened = co_await session_->open(deadline); !opened) {
    // What we said first may be what it could not bear.
    opening_ = opening_ == Opening::discover ? Opening::initialize : Opening::discover;
    co_return opened;
  }
  must_subscribe_ = true;
  PRELOOP_CO_CHECK(co_await list());
  on_session_(session_);
  log::info("MCP server is ready",
            {{"server", server_.config.name},
             {"software", session_->hello().software},
             {"revision", session_->hello().revision}});
  co_return core::Status();
}

Task<core::Status> ServerKeeper::make_session() {
  const catalogue::ServerConfig& config = server_.config;
  if (config.transport == Transport::stdio) {
    PRELOOP_CO_TRY(ChildTarget target,
                   co_await child_target(config, settings_.child, settings_.resolve));
    session_ = make_stdio_upstream(settings_.owner,
                                   settings_.offload,
                                   config.name,
                                   std::move(target.options),
                                   *this,
                                   std::move(target.secrets),
                                   opening_);
    co_return core::Status();
  }
  // Resolved each time: the credential may be what was wrong.
  PRELOOP_CO_TRY(HttpTarget target, co_await http_target(config, settings_.resolve));
  on_target_(target);
  if (session_) {
    session_->use_headers(target.headers);
    co_return core::Status();
  }
  session_ = make_http_upstream(settings_.owner,
                                client_,
                                settings_.offload,
                                config.name,
                                std::move(target),
                                Listening::yes,
                                *this);
  // Calls may try at once: each opens what is not open.
  on_session_(session_);
  co_return core::Status();
}

Task<core::Status> ServerKeeper::attend() {
  std::optional<core::MonoTime> retry;
  while (true) {
    if (!ended_.empty()) {
      co_return fail(Code::unavailable, ended_);
    }
    const auto due = std::min(debounce_.due().value_or(core::MonoTime::max()),
                              retry.value_or(core::MonoTime::max()));
    if (scan_ || due <= Clock::now()) {
      const core::Status listed = co_await list();
      finish_scans(listed);
      retry.reset();
      if (!listed) {
        if (listed.error().code == Code::unavailable) {
          co_return listed;
        }
        // Calls still work, perhaps; what people accepted stays in place.
        co_await report(ServerStatus::failed, core::printable(listed.error().message, 500));
        retry = Clock::now() + settings_.list_retry;
      }
      continue;
    }
    changed_.reset();
    if (co_await changed_.wait_until(due) == core::Outcome::cancelled) {
      co_return fail(Code::cancelled, "stopped");
    }
  }
}

Task<core::Status> ServerKeeper::list() {
  debounce_.begin(Clock::now());
  PRELOOP_CO_TRY(Listing listing,
                 co_await list_tools(*session_, Clock::now() + settings_.list_limit));
  PRELOOP_CO_CHECK(co_await settings_.catalogue.listed(server_.id, std::move(listing.tools)));
  PRELOOP_CO_TRY(ServerListing others,
                 co_await list_others(*session_, Clock::now() + settings_.list_limit));
  co_await settings_.catalogue.report_lists(server_.id, std::move(others.lists));
  if (std::exchange(must_subscribe_, false)) {
    co_await subscribe_again();
  }
  co_await report(
      ServerStatus::ready,
      listing.problems.empty() ? std::move(others.problem) : std::move(listing.problems));
  co_return core::Status();
}

/// Every one of them was decided upon when it was asked for first.
Task<void> ServerKeeper::subscribe_again() {
  for (const std::string& uri : std::set<std::string>(subscriptions_)) {
    std::string params;
    core::JsonWriter(params).begin_object().field("uri", uri).end_object();
    const auto answer = co_await session_->request(
        "resources/subscribe", std::move(params), Clock::now() + settings_.list_limit);
    if (!answer) {
      co_return;  // the next start tries again
    }
    if (!answer->error.empty()) {
      subscriptions_.erase(uri);
    }
  }
}

Task<void> ServerKeeper::disconnect() {
  // An HTTP session stays: it has nothing to clean up, and opens itself again.
  if (session_ && server_.config.transport == Transport::stdio) {
    const auto session = std::exchange(session_, nullptr);
    on_session_(nullptr);
    co_await session->stop(k_failed_grace);
  }
}

Task<void> ServerKeeper::report(ServerStatus status, std::string problem) {
  if (reported_ == status && problem_ == problem) {
    co_return;
  }
  reported_ = status;
  problem_ = problem;
  co_await settings_.catalogue.report_status(server_.id, status, std::move(problem));
}

}  // namespace preloop::mcp
