#include "core/loop_call.h"
#include "mcp/endpoint_impl.h"
#include "net/sse.h"

namespace preloop::mcp {

using core::Task;

namespace {

Task<std::optional<StreamShelf::Rest>> read_shelf(SessionPtr session, EventId last) {
  co_return session->shelf.after(last);
}

Task<void> forget_stream(SessionPtr session, std::uint64_t stream) {
  session->shelf.forget(stream);
  co_return;
}

}  // namespace

Task<void> EndpointImpl::listen(net::Request& request,
                                net::Responder& responder,
                                const core::CallContext& context,
                                SessionPtr session) {
  if (const auto last = request.headers.get("last-event-id")) {
    const auto id = parse_event_id(*last);
    if (!id) {
      (void)co_await responder.send(
          refusal(400, k_invalid_request, "Last-Event-ID is none of this server's."));
      co_return;
    }
    if (co_await core::on_loop(services_.loops.at(session->facts.owner),
                               read_shelf(session, *id))) {
      co_return co_await resume(*id, responder, context, std::move(session));
    }
    // Not the stream of an answer, or all of it was delivered: what is left to hear is what any
    // listening stream says.
  }
  const Counted of_session(session->listeners);
  const Counted open(counters_.listeners);
  if (of_session.now() > Listener::k_max_per_session) {
    (void)co_await responder.send(
        refusal(409, k_invalid_request, "This session has too many streams open already."));
    co_return;
  }
  Listener listener(responder, core::Loop::current()->executor(), session, services_.clock);
  const Registration registered(here().listeners, &listener);
  if (session->ended || is_draining_) {  // between finding it and now
    listener.end(Listener::Retry::none);
  }
  co_await listener.run(context);
}

/// The rest of an answer whose stream was lost. It is read from the shelf about once a second until
/// the call has ended: few clients do this, and rarely.
Task<void> EndpointImpl::resume(EventId last,
                                net::Responder& responder,
                                const core::CallContext& context,
                                SessionPtr session) {
  core::Loop& owner = services_.loops.at(session->facts.owner);
  core::Status status = co_await responder.start_stream(event_stream_head());
  core::MonoTime wrote = services_.clock.mono();
  while (status && !context.cancelled.requested() && !session->ended && !is_draining_) {
    const auto rest = co_await core::on_loop(owner, read_shelf(session, last));
    if (!rest) {
      break;
    }
    std::string bytes;
    for (const StreamShelf::Event& event : rest->events) {
      net::write_sse(
          bytes,
          {.type = {}, .data = event.data, .id = to_string(event.id), .retry_ms = std::nullopt});
      last = event.id;
    }
    if (bytes.empty() && services_.clock.mono() - wrote >= Listener::k_comment_every) {
      net::write_sse_comment(bytes, "alive");
    }
    if (!bytes.empty()) {
      status = co_await responder.write(bytes);
      wrote = services_.clock.mono();
    }
    if (status && rest->is_finished) {
      co_await core::on_loop(owner, forget_stream(session, last.stream));
      if (rest->approval) {
        firewall::CallResult delivered;
        delivered.kind = firewall::CallResult::Kind::answered;
        delivered.approval = rest->approval;
        co_await services_.firewall.delivered(session->facts.who, delivered);
      }
      break;
    }
    session->touch(services_.clock.mono());
    if (co_await core::sleep_until(std::chrono::steady_clock::now() + options_.sweep_every) ==
        core::Outcome::cancelled) {
      break;
    }
  }
  if (status) {
    (void)co_await responder.finish();
  }
}

}  // namespace preloop::mcp
