#include "mcp/upstream_pool.h"

#include "core/loop_call.h"
#include "core/task_scope.h"

#include <unordered_map>
#include <utility>

namespace preloop::mcp {
namespace {

using catalogue::Transport;
using core::Code;
using core::fail;
using core::Task;
using Clock = std::chrono::steady_clock;

using Answered = core::Result<firewall::UpstreamAnswer>;

constexpr core::milliseconds k_session_grace{2'000};
constexpr core::milliseconds k_child_grace{3'000};

/// Told of an HTTP session that is not the keeper's.
class Silent final : public SessionEvents {
 public:
  void list_changed() override {}
  void resource_updated(std::string) override {}
  void ended(std::string) override {}
};

/// How one loop reaches one server.
struct Route {
  Route(core::Loop& loop, const UpstreamLimits& limits, const catalogue::ServerConfig& config)
      : gate(loop.executor(), limits),
        transport(config.transport),
        idle_limit(config.call_timeout) {}
  CallGate gate;
  Transport transport;
  core::milliseconds idle_limit;
  std::shared_ptr<UpstreamSession> session;  ///< null while there is no connection
};
using RoutePtr = std::shared_ptr<Route>;

class Pool final : public UpstreamPool {
 public:
  explicit Pool(Dependencies dependencies)
      : loops_(dependencies.loops),
        http_(std::move(dependencies.http)),
        settings_(std::move(dependencies.keeper)),
        limits_(dependencies.limits),
        on_resource_updated_(std::move(dependencies.on_resource_updated)),
        owner_(settings_.owner),
        scope_(owner_.executor()),
        routes_(loops_.size()) {}

  // --- calls, on any loop ---------------------------------------------------------------------

  Task<Answered> call_tool(const firewall::Permit&,
                           const catalogue::Tool& tool,
                           std::string params,
                           std::function<void(std::string_view)> on_notification,
                           std::function<void(firewall::ServerRequest)> on_request,
                           const firewall::ClientSide& client,
                           const core::CallContext& context) override {
    core::Loop& here = *core::Loop::current();
    const RoutePtr route = find(here, tool.server);
    if (!route) {
      return unreachable();
    }
    UpstreamCall call;
    call.method = tool.method;
    call.params = std::move(params);
    call.on_notification = std::move(on_notification);
    call.on_request = std::move(on_request);
    call.client = client;
    call.param_headers = tool.param_headers;
    call.cancelled = context.cancelled;
    call.deadline = context.deadline;
    // Of an HTTP server's news only those that the keeper's session hears are passed on.
    const bool is_here = route->transport == Transport::streamable_http &&
                         tool.method != catalogue::Method::resources_subscribe;
    if (is_here || &here == &owner_) {
      return pass(tool.server, route, std::move(call));
    }
    return hop(here, tool.server, std::move(call));
  }

  // --- servers, on the catalogue's loop -------------------------------------------------------

  void server_started(const catalogue::Server& server) override {
    owner_.post([this, server] { begin(server); });
  }
  void server_removed(core::ServerId id) override {
    owner_.post([this, id] { end(id); });
  }

  Task<core::Status> scan(core::ServerId id) override { return core::on_loop(owner_, do_scan(id)); }
  Task<void> stop() override { return core::on_loop(owner_, do_stop()); }

 private:
  using Routes = std::unordered_map<core::ServerId, RoutePtr>;

  RoutePtr find(core::Loop& loop, core::ServerId id) const {
    const Routes& routes = routes_[loop.index()];
    const auto found = routes.find(id);
    return found == routes.end() ? nullptr : found->second;
  }

  static Task<Answered> unreachable() {
    co_return fail(Code::unavailable, "the server is not connected");
  }

  /// Through the gate and the connection, on the loop of the route.
  Task<Answered> pass(core::ServerId id, RoutePtr route, UpstreamCall call) {
    std::optional<CallGate::Pass> place;
    if (route->gate.open()) {
      place.emplace(route->gate.take());
    } else {
      auto entered = co_await route->gate.enter(
          call.cancelled, std::min(call.deadline, Clock::now() + route->idle_limit));
      if (!entered) {
        co_return std::unexpected(std::move(entered).error());
      }
      place.emplace(std::move(*entered));
    }
    const std::shared_ptr<UpstreamSession> session = route->session;
    if (!session) {
      co_return fail(Code::unavailable, "the server is not connected");
    }
    call.idle_limit = route->idle_limit;
    const bool subscribes = call.method == catalogue::Method::resources_subscribe;
    const std::string params = subscribes ? call.params : std::string();
    auto answer = co_await session->call(std::move(call));
    if (subscribes && answer && answer->error.empty()) {
      note_subscription(id, params);  // on the owner loop: only its session subscribes
    }
    if (!answer && answer.error().code == Code::unavailable) {
      owner_.post([this, id] {
        if (const auto found = keepers_.find(id); found != keepers_.end()) {
          found->second->suspect();
        }
      });
    }
    co_return answer;
  }

  void note_subscription(core::ServerId id, const std::string& params) {
    const auto document = core::JsonDocument::parse(params);
    const auto keeper = keepers_.find(id);
    if (document && keeper != keepers_.end()) {
      keeper->second->subscribed(std::string(document->root()["uri"].as_string().value_or("")));
    }
  }

  /// To the owner loop and back; the caller's token and callback stay on the caller's loop.
  Task<Answered> hop(core::Loop& here, core::ServerId id, UpstreamCall call) {
    const auto alive = std::make_shared<bool>(true);
    const auto notify = std::exchange(call.on_notification, {});
    if (notify) {
      call.on_notification = [&here, &notify, alive](std::string_view text) {
        here.post([&notify, alive, copy = std::string(text)] {
          if (*alive) {
            notify(copy);
          }
        });
      };
    }
    const auto ask = std::exchange(call.on_request, {});
    if (ask) {
      call.on_request = [this, &here, &ask, alive](firewall::ServerRequest request) {
        request.reply = [this, reply = std::move(request.reply)](firewall::UpstreamAnswer answer) {
          owner_.post([reply, answer = std::move(answer)] { reply(answer); });
        };
        here.post([&ask, alive, request = std::move(request)]() mutable {
          if (*alive) {
            ask(std::move(request));
          } else {
            request.reply({{}, make_error_object(k_internal_error, "the call has ended")});
          }
        });
      };
    }
    const core::CancelToken caller = std::exchange(call.cancelled, core::CancelToken());
    const auto gone = caller.subscribe(
        [this, there = call.cancelled] { owner_.post([there]() mutable { there.request(); }); });
    auto answer = co_await core::on_loop(owner_, at_owner(id, std::move(call)));
    *alive = false;
    co_return answer;
  }
  Task<Answered> at_owner(core::ServerId id, UpstreamCall call) {
    const RoutePtr route = find(owner_, id);
    return route ? pass(id, route, std::move(call)) : unreachable();
  }

  // --- the owner loop -------------------------------------------------------------------------

  void begin(const catalogue::Server& server) {
    if (stopping_) {
      return;
    }
    if (const auto old = keepers_.find(server.id); old != keepers_.end()) {
      if (old->second->server().config == server.config) {
        return;
      }
      end(server.id);
    }
    const core::ServerId id = server.id;
    each_loop([this, id, config = server.config](core::Loop& loop) {
      routes_[loop.index()][id] = std::make_shared<Route>(loop, limits_, config);
    });
    auto keeper = std::make_shared<ServerKeeper>(
        settings_,
        *http_[owner_.index()],
        server,
        [this, id](std::shared_ptr<UpstreamSession> session) {
          if (const RoutePtr route = find(owner_, id)) {
            route->session = std::move(session);
          }
        },
        [this, id, name = server.config.name](const HttpTarget& target) {
          connect_elsewhere(id, name, target);
        },
        [this, id](std::string uri) {
          if (on_resource_updated_) {
            on_resource_updated_(id, std::move(uri));
          }
        });
    keepers_.emplace(id, keeper);
    keeper->start();
  }

  /// A session on each loop but ours, whose session is the keeper's.
  void connect_elsewhere(core::ServerId id, const std::string& name, const HttpTarget& target) {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      core::Loop& loop = loops_.at(i);
      if (&loop == &owner_) {
        continue;
      }
      loop.post([this, id, name, target, &loop] {
        const RoutePtr route = find(loop, id);
        if (!route) {
          return;
        }
        if (route->session) {
          route->session->use_headers(target.headers);
          return;
        }
        // A server may ask about a call beside the call's own stream.
        route->session = make_http_upstream(loop,
                                            *http_[loop.index()],
                                            settings_.offload,
                                            name,
                                            target,
                                            Listening::questions,
                                            silent_);
      });
    }
  }

  void end(core::ServerId id) {
    const auto found = keepers_.find(id);
    if (found == keepers_.end()) {
      return;
    }
    const std::shared_ptr<ServerKeeper> keeper = found->second;
    keepers_.erase(found);
    // Taken off every loop now, in the order of posting, so that a successor's routes stay.
    auto routes = std::make_shared<std::vector<RoutePtr>>(loops_.size());
    each_loop([this, id, routes](core::Loop& loop) {
      Routes& here = routes_[loop.index()];
      if (const auto route = here.find(id); route != here.end()) {
        (*routes)[loop.index()] = route->second;
        here.erase(route);
      }
    });
    scope_.spawn("stop an MCP server", finish(keeper, routes));
  }

  Task<void> finish(std::shared_ptr<ServerKeeper> keeper,
                    std::shared_ptr<std::vector<RoutePtr>> routes) {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      if (&loops_.at(i) != &owner_) {
        co_await core::on_loop(loops_.at(i), close(*routes, i));
      }
    }
    co_await keeper->stop(k_child_grace);
  }
  static Task<void> close(std::vector<RoutePtr>& routes, std::size_t index) {
    if (const RoutePtr route = std::exchange(routes[index], nullptr)) {
      if (const auto session = std::exchange(route->session, nullptr)) {
        co_await session->stop(k_session_grace);
      }
    }
  }

  /// Runs `work` on every loop; at once on ours, soon on the others.
  template <class F>
  void each_loop(const F& work) {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      core::Loop& loop = loops_.at(i);
      if (loop.is_current()) {
        work(loop);
      } else {
        loop.post([work, &loop] { work(loop); });
      }
    }
  }

  Task<core::Status> do_scan(core::ServerId id) {
    const auto found = keepers_.find(id);
    if (found == keepers_.end()) {
      co_return fail(Code::not_found, "there is no such server");
    }
    const std::shared_ptr<ServerKeeper> keeper = found->second;
    co_return co_await keeper->scan();
  }

  Task<void> do_stop() {
    if (std::exchange(stopping_, true)) {
      co_return;
    }
    // Children last: whoever of them is slow to end delays nobody's good-bye.
    for (const Transport transport : {Transport::streamable_http, Transport::stdio}) {
      std::vector<core::ServerId> ids;
      for (const auto& [id, keeper] : keepers_) {
        if (keeper->server().config.transport == transport) {
          ids.push_back(id);
        }
      }
      for (const core::ServerId id : ids) {
        end(id);
      }
      co_await scope_.idle();
    }
    co_await scope_.stop();
  }

  core::LoopPool& loops_;
  std::vector<net::HttpClient*> http_;
  KeeperSettings settings_;
  UpstreamLimits limits_;
  std::function<void(core::ServerId, std::string)> on_resource_updated_;
  core::Loop& owner_;
  core::TaskScope scope_;
  std::vector<Routes> routes_;  ///< by loop; each touched on its loop only
  Silent silent_;
  std::unordered_map<core::ServerId, std::shared_ptr<ServerKeeper>> keepers_;  ///< owner loop
  bool stopping_ = false;                                                      ///< owner loop
};

}  // namespace

std::unique_ptr<UpstreamPool> UpstreamPool::create(Dependencies dependencies) {
  return std::make_unique<Pool>(std::move(dependencies));
}

}  // namespace preloop::mcp
