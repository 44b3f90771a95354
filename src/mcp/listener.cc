#include "mcp/listener.h"

#include "mcp/http_rules.h"
#include "mcp/stateless.h"
#include "net/sse.h"

#include <fmt/format.h>

namespace preloop::mcp {
namespace {

constexpr unsigned k_retry_ms = 2000;

std::string_view name_of(Session::List list) {
  switch (list) {
    case Session::List::tools:
      break;
    case Session::List::resources:
      return "resources";
    case Session::List::prompts:
      return "prompts";
  }
  return "tools";
}

}  // namespace

Listener::Listener(net::Responder& responder,
                   const boost::asio::any_io_executor& executor,
                   SessionPtr session,
                   const core::Clock& clock,
                   std::string subscription,
                   std::string acknowledged)
    : responder_(responder),
      session_(std::move(session)),
      clock_(clock),
      subscription_(std::move(subscription)),
      stream_(++session_->last_stream),
      last_write_(clock.mono()),
      work_(executor) {
  session_->chosen_listener = stream_;
  if (!subscription_.empty()) {
    // The first message of the stream, before any change and before its end can be told.
    push(std::move(acknowledged));
  } else if (has_priming_event(session_->facts.revision)) {
    push("");
  }
}

Listener::~Listener() {
  // Another stream of the session, if there is one, may speak from now on.
  std::uint64_t mine = stream_;
  session_->chosen_listener.compare_exchange_strong(mine, 0);
}

bool Listener::is_chosen() {
  std::uint64_t none = 0;
  session_->chosen_listener.compare_exchange_strong(none, stream_);
  return session_->chosen_listener == stream_;
}

void Listener::push(std::string data) {
  std::optional<std::string> id;
  if (subscription_.empty()) {
    id = to_string(EventId{stream_, next_number_++});
  }
  net::write_sse(unwritten_,
                 {.type = {}, .data = std::move(data), .id = id, .retry_ms = std::nullopt});
  work_.set();
}

void Listener::tick(std::uint64_t generation,
                    const std::function<std::uint64_t(Session::List)>& digest) {
  const core::MonoTime now = clock_.mono();
  session_->touch(now);  // an open stream is not idle
  for (const Session::List list : Session::k_lists) {
    auto& compared = compared_[static_cast<std::size_t>(list)];
    const std::uint64_t seen = session_->seen(list);
    if (seen == 0 || compared == std::pair(generation, seen) || !is_chosen()) {
      continue;
    }
    const std::uint64_t current = digest(list);
    if (current != seen) {
      session_->seen(list) = current;
      push(change_notification(
          fmt::format("notifications/{}/list_changed", name_of(list)), {}, subscription_));
    }
    compared = {generation, current};
  }
  if (unwritten_.empty() && now - last_write_ >= k_comment_every) {
    net::write_sse_comment(unwritten_, "alive");
    work_.set();
  }
}

void Listener::resource_updated(std::string_view uri) {
  if (!is_ended_ && unwritten_.size() < k_max_unwritten && is_chosen()) {
    push(change_notification("notifications/resources/updated", uri, subscription_));
  }
}

void Listener::end(Retry retry) {
  if (!subscription_.empty() && !is_ended_) {
    push(subscription_ended(subscription_));
  } else if (retry == Retry::later && !is_ended_) {
    unwritten_ += "retry: " + std::to_string(k_retry_ms) + "\n\n";
  }
  is_ended_ = true;
  work_.set();
}

core::Task<void> Listener::run(const core::CallContext& context) {
  const auto gone = context.cancelled.subscribe([this] { end(Retry::none); });
  core::Status status = co_await responder_.start_stream(event_stream_head());
  while (status) {
    if (!unwritten_.empty()) {
      last_write_ = clock_.mono();
      const std::string bytes = std::exchange(unwritten_, {});
      status = co_await responder_.write(bytes);
      continue;
    }
    if (is_ended_) {
      break;
    }
    work_.reset();
    if (co_await work_.wait() == core::Outcome::cancelled) {
      break;
    }
  }
  if (status) {
    (void)co_await responder_.finish();
  }
}

}  // namespace preloop::mcp
