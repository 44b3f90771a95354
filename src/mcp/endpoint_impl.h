#pragma once
#include "core/task_scope.h"
#include "mcp/endpoint.h"
#include "mcp/exchange.h"
#include "mcp/http_rules.h"
#include "mcp/input_rounds.h"
#include "mcp/listed_items.h"
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
/// endpoint_rounds.cc: calls that a server asks about. endpoint_streams.cc: GET and DELETE.
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
  void resource_updated(core::ServerId server, std::string uri) override;

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
  /// What is wrong with the headers that repeat arguments of a tool; nullopt: nothing.
  std::optional<std::string> wrong_param_headers(const net::Headers& headers,
                                                 const Message& message,
                                                 const Caller& caller) const;
  core::Task<void> subscribe(const Message& message,
                             SessionPtr session,
                             net::Responder& responder,
                             const core::CallContext& context);
  core::Task<void> subscribe_resources(Wanted& wanted,
                                       SessionPtr session,
                                       const core::CallContext& context);
  core::Task<std::string> unsubscribe(const Message& message, SessionPtr session);
  std::string answer_request(const Message& message, Session& session);
  void take_notification(const Message& message, const SessionPtr& session);
  void take_answer(const Message& message, const SessionPtr& session);
  std::string list_tools(const Message& message, Session& session);
  std::string list_items(ListKind kind, const Message& message, Session& session);
  std::vector<ListedItem> visible_items(const Session& session, ListKind kind) const;
  /// What the session's client would see in its lists now.
  std::uint64_t digest_of(const Session& session, Session::List list) const;

  struct CallAnswer {
    std::string response;
    std::optional<firewall::CallResult> result;
  };
  /// One call on its way to the firewall, with what its views point into.
  struct Request {
    firewall::ToolCall call;
    core::JsonDocument document;  ///< of a request that is no tool call
    std::string plain;            ///< the params that are sent, when not those that came
    std::string capabilities;     ///< of the client, for servers that are told with each call
    /// Whose URIs the answer has, when the client knows them by other names.
    std::string exposed_server;
  };
  static core::Task<CallAnswer> answered(std::string response);
  core::Task<CallAnswer> call_tool(const Message& message,
                                   Exchange& exchange,
                                   const core::CallContext& context);
  /// Any other request that is decided like a call of a tool.
  core::Task<CallAnswer> call_request(const Message& message,
                                      Exchange& exchange,
                                      const core::CallContext& context);
  /// The call itself, within the agent's limits.
  core::Task<CallAnswer> govern(const Message& message,
                                Exchange& exchange,
                                const core::CallContext& context,
                                Request request);
  void count(const firewall::CallResult& result);
  /// What a server's state is sealed for: this caller, and this call.
  static std::string bound_of(const Session& session, const firewall::ToolCall& call);
  /// The params with the server's own state in them, or without any answers where there can be
  /// none; empty: as they came. `invalid_argument` for a state that is not of this call.
  core::Result<std::string> open_state(const Session& session,
                                       const firewall::ToolCall& call) const;
  /// A server asks before it can answer. Of a client that takes requests it is asked here, and the
  /// call made again, decided again; another is given the questions.
  core::Task<void> answer_questions(const identity::AgentPrincipal& who,
                                    Request& request,
                                    Exchange& exchange,
                                    const core::CallContext& context,
                                    firewall::CallResult& result);

  core::Task<void> listen(net::Request& request,
                          net::Responder& responder,
                          const core::CallContext& context,
                          SessionPtr session);
  core::Task<void> resume(EventId last,
                          net::Responder& responder,
                          const core::CallContext& context,
                          SessionPtr session);

  /// On the loop of the session's listeners, whichever they are.
  void tell_update(const Session& session, const Subscription& what);

  core::Task<void> sweep();
  /// Ends, on this loop, what goes on for the sessions that `is_one` is true of.
  void end_here(const std::function<bool(const Session&)>& is_one);
  PerLoop& here();

  Dependencies services_;
  Options options_;
  EndpointCounters counters_;
  std::atomic<bool> is_draining_ = false;
  SessionTable sessions_;
  StateSeal seal_;
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
