#include "mcp/exchange.h"

#include "mcp/http_rules.h"
#include "mcp/replies.h"
#include "mcp/rpc_codec.h"
#include "net/sse.h"

#include <fmt/format.h>

namespace preloop::mcp {

using core::Task;

Exchange::Exchange(net::Responder& responder,
                   const boost::asio::any_io_executor& executor,
                   core::Loop& shelf_loop,
                   SessionPtr session,
                   Shape shape,
                   const core::Clock& clock)
    : responder_(responder),
      executor_(executor),
      shelf_loop_(shelf_loop),
      session_(std::move(session)),
      shape_(shape),
      clock_(clock),
      began_(clock.mono()),
      last_write_(began_) {}

Exchange::~Exchange() = default;

core::CallContext Exchange::begin_call(const core::CallContext& outer,
                                       std::string_view id,
                                       std::string_view progress_token) {
  call_.emplace(id, progress_token);
  if (is_gone_ && is_stateless(session_->facts.revision)) {  // before it began
    call_->cancelled.request();
  }
  core::CallContext context = outer;
  context.cancelled = call_->cancelled;
  return context;
}

void Exchange::held(const firewall::Hold& hold) {
  if (!call_) {
    return;
  }
  call_->hold = hold;
  call_->is_dispatched = false;  // an earlier round of it may have been
  if (is_gone_) {
    call_->cancelled.request();
    return;
  }
  start_stream();
  push_hold_progress();
}

void Exchange::dispatched() {
  if (!call_) {
    return;
  }
  call_->is_dispatched = true;
  call_->hold.reset();
}

void Exchange::notification(std::string_view json) {
  if (!call_ || is_gone_ || unwritten_.size() > k_max_unwritten || !call_->numbers.admit(json) ||
      !passes_log_level(json, session_->log_level)) {
    return;
  }
  start_stream();
  push(std::string(json));
}

void Exchange::request(firewall::ServerRequest request) {
  const auto refuse = [&](int code, std::string_view why) {
    request.reply({{}, make_error_object(code, why)});
  };
  if (!call_ || is_gone_ || call_->cancelled.requested()) {
    refuse(k_internal_error, "the client has gone");
  } else if (const auto cannot = cannot_ask(session_->facts.can, request.method, request.params)) {
    if (is_stateless(session_->facts.revision)) {
      missing_abilities_ = needed_abilities(request.method, request.params);
    }
    refuse(k_method_not_found, *cannot);
  } else if (is_stateless(session_->facts.revision)) {
    refuse(k_method_not_found, "this client is sent no requests");
  } else if (asked_.size() >= k_max_asked) {
    refuse(k_internal_error, "too many questions wait for the client");
  } else {
    const std::string id = fmt::format("\"preloop-{}\"", ++session_->last_request);
    asked_.emplace(id, std::move(request.reply));
    start_stream();
    push(make_request(id, request.method, request.params));
  }
}

void Exchange::answered(std::string_view id, const firewall::UpstreamAnswer& answer) {
  if (const auto found = asked_.find(id); found != asked_.end()) {
    const auto reply = std::move(found->second);
    asked_.erase(found);
    reply(answer);
  }
}

void Exchange::give_up_asking(std::string_view why) {
  for (const auto& [id, reply] : std::exchange(asked_, {})) {
    reply({{}, make_error_object(k_internal_error, why)});
  }
}

void Exchange::end_call() {
  give_up_asking("the call has ended");
  call_.reset();
}

void Exchange::tick() {
  if (is_gone_) {
    return;
  }
  const core::MonoTime now = clock_.mono();
  if (!is_stream_) {
    if (now - began_ >= k_plain_for) {
      start_stream();
    }
    return;
  }
  if (call_ && call_->hold && !call_->progress_token.empty()) {
    if (now - call_->last_progress >= k_progress_every) {
      push_hold_progress();
    }
  } else if (now - last_write_ >= k_comment_every && unwritten_.empty()) {
    net::write_sse_comment(unwritten_, "alive");
    write_soon();
  }
}

void Exchange::stop(StopReason reason) {
  if (reason != StopReason::draining) {
    give_up_asking("the client has gone");
  }
  if (reason == StopReason::client_gone) {
    is_gone_ = true;
    reason = is_stateless(session_->facts.revision) ? StopReason::cancelled : reason;
  }
  if (call_ && (reason == StopReason::cancelled || (call_->hold && !call_->is_dispatched))) {
    call_->cancelled.request();
  }
}

void Exchange::cancel_call(std::string_view id) {
  if (call_ && call_->id == id) {
    stop(StopReason::cancelled);
  }
}

void Exchange::answer(std::string text) {
  if (is_stream_) {
    push(std::move(text));
  } else {
    answers_.push_back(std::move(text));
  }
}

void Exchange::start_stream() {
  if (is_stream_) {
    return;
  }
  is_stream_ = true;
  next_event_.stream = ++session_->last_stream;
  if (has_priming_event(session_->facts.revision)) {
    push("");
  }
  for (std::string& answer : std::exchange(answers_, {})) {
    push(std::move(answer));
  }
  write_soon();
}

void Exchange::push(std::string data) {
  if (is_stateless(session_->facts.revision)) {  // nothing to resume
    if (!is_gone_) {
      net::write_sse(unwritten_, {.type = {}, .data = data, .id = {}, .retry_ms = {}});
      write_soon();
    }
    return;
  }
  const EventId id = next_event_;
  ++next_event_.number;
  if (!is_gone_) {
    net::write_sse(unwritten_,
                   {.type = {}, .data = data, .id = to_string(id), .retry_ms = std::nullopt});
    write_soon();
  }
  shelf_loop_.post([session = session_, id, data = std::move(data)]() mutable {
    session->shelf.append(id, std::move(data));
  });
}

void Exchange::push_hold_progress() {
  call_->last_progress = clock_.mono();
  if (call_->progress_token.empty()) {
    return;
  }
  push(make_notification(
      "notifications/progress",
      progress_params(
          call_->progress_token,
          call_->numbers.next_of_ours(),
          hold_message(call_->hold->approvers, call_->hold->expires_at, clock_.wall()))));
}

void Exchange::write_soon() {
  if (is_writing_ || is_gone_) {
    return;
  }
  if (!writers_) {
    writers_.emplace(executor_);
  }
  is_writing_ = true;
  writers_->spawn("mcp answer stream", write_out());
}

Task<void> Exchange::write_out() {
  core::Status status;
  if (!responder_.started()) {
    status = co_await responder_.start_stream(event_stream_head());
  }
  while (status && !unwritten_.empty()) {
    last_write_ = clock_.mono();
    const std::string bytes = std::exchange(unwritten_, {});
    status = co_await responder_.write(bytes);
  }
  is_writing_ = false;
  if (!status) {
    unwritten_.clear();
    stop(StopReason::client_gone);
  }
}

Task<core::Status> Exchange::finish(std::optional<core::ApprovalId> approval) {
  if (!is_stream_) {
    std::string body;
    if (shape_ == Shape::single && answers_.size() == 1) {
      body = std::move(answers_.front());
    } else {
      for (const std::string& answer : answers_) {
        body += (body.empty() ? "[" : ",") + answer;
      }
      body += ']';
    }
    co_return co_await responder_.send(net::Response::json(status_, std::move(body)));
  }
  if (writers_) {
    co_await writers_->idle();
  }
  core::Status status = core::fail(core::Code::unavailable, "the client has gone");
  if (!is_gone_) {
    status = co_await responder_.finish();
  }
  if (is_stateless(session_->facts.revision)) {
    co_return status;
  }
  shelf_loop_.post(
      [session = session_, stream = next_event_.stream, approval, is_read = status.has_value()] {
        is_read ? session->shelf.forget(stream) : session->shelf.finish(stream, approval);
      });
  co_return status;
}

}  // namespace preloop::mcp
