#pragma once
#include "core/task_scope.h"
#include "mcp/endpoint.h"
#include "mcp/exchange.h"
#include "mcp/http_rules.h"
#include "mcp/listener.h"
#include "mcp/post_body.h"
#include "mcp/replies.h"
#include "mcp/session_table.h"
#include "mcp/stateless.h"

#include <expected>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace preloop::mcp {

constexpr std::string_view k_stopping = "The server is stopping; try again in a few seconds.";

/// Counts up while it lives.
template <class Counter>
class Counted {
 public:
  explicit Counted(Counter& counter) : counter_(counter), now_(++counter) {}
  ~Counted() { --counter_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  auto now() const { return now_; }

 private:
  Counter& counter_;
  typename Counter::value_type now_;
};

/// endpoint.cc: who asks, sessions, sweep, revocation, drain. endpoint_post.cc: messages.
/// endpoint_stateless.cc: those of revisions without sessions. endpoint_call.cc: tools/call.
/// endpoint_streams.cc: GET and DELETE.
class EndpointImpl final : public McpEndpoint {
 public:
  EndpointImpl(Dependencies dependencies, Options options);
  ~EndpointImpl() override;

  core::Task<void> start() override;
  core::Task<void> handle(net::Request& request,
                          net::Responder& responder,
                          const core::CallContext& context) override;
  void drain() override;
  core::Task<void> stop() override;
  void sweep_now() override;
  const EndpointCounters& counters() const override { return counters_; }
  std::size_t session_count() const override { return sessions_.size(); }
  void revoked(const identity::Revocation& what) override;

 private:
  /// Who asks, and where.
  struct Caller {
    identity::AgentPrincipal who;
    std::optional<core::ServerId> server;
  };
  /// What goes on on one loop.
  struct alignas(64) PerLoop {
    std::set<Exchange*> exchanges;
    std::set<Listener*> listeners;
    std::unique_ptr<core::TaskScope> sweeper;
  };
  /// `visit`s what is in the set now; a visit may end others.
  template <class T, class Visit>
  static void for_each(const std::set<T*>& set, Visit visit) {
    for (T* const item : std::vector<T*>(set.begin(), set.end())) {
      if (set.contains(item)) {
        visit(*item);
      }
    }
  }
  /// Adds to a set of the loop while it lives.
  template <class T>
  class Registration;

  std::expected<Caller, net::Response> authenticate(const net::Request& request) const;
  /// The caller's session, or what to answer.
  std::expected<SessionPtr, net::Response> find_session(const net::Request& request,
                                                        const Caller& caller,
                                                        std::string_view id) const;
  /// A caller whose key is still good on this loop; asked again after a wait.
  bool is_still_valid(const identity::AgentPrincipal& who) const;

  // What only picks who goes on is no coroutine: a call that waits for a person keeps a frame of
  // every one it passes, and thousands may wait.
  static core::Task<void> reply(net::Responder& responder, net::Response response);
  core::Task<void> get_or_delete(net::Request& request,
                                 net::Responder& responder,
                                 const core::CallContext& context,
                                 Caller caller);
  core::Task<void> post(net::Request& request,
                        net::Responder& responder,
                        const core::CallContext& context,
                        Caller caller);
  core::Task<void> post_large(net::Request& request,
                              net::Responder& responder,
                              const core::CallContext& context,
                              Caller caller);
  core::Task<void> take_post(net::Request& request,
                             std::expected<PostBody, net::Response> body,
                             net::Responder& responder,
                             const core::CallContext& context,
                             Caller caller);
  core::Task<void> post_initialize(PostBody body, Caller caller, net::Responder& responder);
  core::Task<net::Response> initialize(const Message& message, Caller caller);
  core::Task<void> answer_requests(PostBody body,
                                   SessionPtr session,
                                   net::Responder& responder,
                                   const core::CallContext& context);
  /// A message of a revision without sessions.
  core::Task<void> post_stateless(const net::Request& request,
                                  PostBody body,
                                  Caller caller,
                                  net::Responder& responder,
                                  const core::CallContext& context);
  core::Task<void> subscribe(const Message& message,
                             SessionPtr session,
                             net::Responder& responder,
                             const core::CallContext& context);
  std::string answer_request(const Message& message, Session& session);
  void take_notification(const Message& message, const SessionPtr& session);
  std::string list_tools(const Message& message, Session& session);

  struct CallAnswer {
    std::string response;
    std::optional<firewall::CallResult> result;
  };
  core::Task<CallAnswer> call_tool(const Message& message,
                                   Exchange& exchange,
                                   const core::CallContext& context);
  void count(const firewall::CallResult& result);

  core::Task<void> listen(net::Request& request,
                          net::Responder& responder,
                          const core::CallContext& context,
                          SessionPtr session);
  core::Task<void> resume(EventId last,
                          net::Responder& responder,
                          const core::CallContext& context,
                          SessionPtr session);

  core::Task<void> sweep();
  /// Ends, on this loop, what goes on for the sessions that `is_one` is true of.
  void end_here(const std::function<bool(const Session&)>& is_one);
  PerLoop& here();

  Dependencies services_;
  Options options_;
  EndpointCounters counters_;
  std::atomic<bool> is_draining_ = false;
  SessionTable sessions_;
  std::vector<PerLoop> per_loop_;
};

template <class T>
class EndpointImpl::Registration {
 public:
  Registration(std::set<T*>& set, T* item) : set_(set), item_(item) { set_.insert(item); }
  ~Registration() { set_.erase(item_); }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

 private:
  std::set<T*>& set_;
  T* item_;
};

}  // namespace preloop::mcp
