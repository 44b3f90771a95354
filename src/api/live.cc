#include "api/live.h"

#include "api/auth.h"
#include "core/json_writer.h"
#include "core/task_scope.h"
#include "core/wakeup.h"
#include "net/sse.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>

namespace preloop::api {
namespace {

using core::Task;

constexpr core::seconds k_heartbeat{15};
constexpr core::seconds k_check_session{60};
constexpr std::size_t k_max_waiting = 256;  ///< events; the feed's ring holds the rest
constexpr unsigned k_retry_ms = 2'000;
constexpr core::milliseconds k_record_pause{200};  ///< between two audit.written of a stream

/// Kinds that speak of more than everybody may see.
bool may_see(const identity::Principal& principal, std::string_view kind) {
  return kind != "audit.head" || identity::may(principal, identity::Permission::read_audit);
}

std::string event_text(const events::Event& event) {
  net::SseEvent out;
  out.type = event.kind;
  out.id = std::to_string(event.seq);
  core::JsonWriter(out.data)
      .begin_object()
      .field("kind", event.kind)
      .field("ref", event.ref)
      .field("at", core::to_rfc3339(event.at))
      .end_object();
  std::string text;
  net::write_sse(text, out);
  return text;
}

std::string written_text(core::WallTime at) {
  net::SseEvent out;
  out.type = "audit.written";
  core::JsonWriter(out.data)
      .begin_object()
      .field("kind", out.type)
      .field("ref", "")
      .field("at", core::to_rfc3339(at))
      .end_object();
  std::string text;
  net::write_sse(text, out);
  return text;
}

std::string reset_text(std::int64_t position) {
  net::SseEvent out;
  out.type = "reset";
  out.id = std::to_string(position);
  core::JsonWriter(out.data).begin_object().field("kind", "reset").end_object();
  std::string text;
  net::write_sse(text, out);
  return text;
}

std::string retry_text() {
  return fmt::format("retry: {}\n\n", k_retry_ms);
}

core::Result<std::optional<std::int64_t>> last_event_id(const net::Request& request) {
  const auto given = request.headers.get("Last-Event-ID");
  if (!given || given->empty()) {
    return std::optional<std::int64_t>();
  }
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (problem != std::errc() || end != given->data() + given->size() || value < 0) {
    return core::fail(core::Code::invalid_argument,
                      "Last-Event-ID must be a number we sent",
                      {{"Last-Event-ID", "must be a whole number"}});
  }
  return std::optional(value);
}

}  // namespace

/// One open stream; lives in `serve`'s frame.
struct LiveStreams::Stream {
  Stream(const identity::Principal& who, const boost::asio::any_io_executor& executor)
      : principal(who), changed(executor), room(executor) {}

  bool is_hit_by(const identity::Revocation& what) const {
    const auto person = identity::person_of(principal);
    if (what.person && what.kind == identity::Revocation::Kind::person) {
      return person == what.person;
    }
    if (const auto* key = std::get_if<identity::OperatorPrincipal>(&principal)) {
      return what.kind == identity::Revocation::Kind::key && what.key == key->key;
    }
    if (const auto* session = std::get_if<identity::PersonPrincipal>(&principal)) {
      return what.kind == identity::Revocation::Kind::login_session &&
             (what.session ? what.session == session->session : person == what.person);
    }
    return false;
  }
  void stop() {
    stopped = true;
    changed.set();
  }

  identity::Principal principal;
  std::deque<events::Event> waiting;
  core::Wakeup changed;  ///< something to write, or the end
  core::Wakeup room;     ///< the pump may go on
  bool stopped = false;
  bool ended = false;  ///< the subscription did
  bool record_grew = false;
  core::MonoTime next_record;  ///< not before this
};

/// Makes a stream reachable for revocations while it is open.
struct LiveStreams::Registration {
  Registration(PerLoop& loop, Stream& one)
      : on(loop),
        stream(one),
        reads_record(identity::may(one.principal, identity::Permission::read_audit)) {
    on.streams.push_back(&stream);
    on.record_readers += reads_record ? 1 : 0;
  }
  ~Registration() {
    std::erase(on.streams, &stream);
    on.record_readers -= reads_record ? 1 : 0;
  }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
  PerLoop& on;
  Stream& stream;
  bool reads_record;
};

namespace {

/// Moves events from the subscription to the stream; ends with the subscription.
template <class Stream>
Task<void> pump(events::Subscription& subscription, Stream& stream) {
  while (auto event = co_await subscription.next()) {
    stream.waiting.push_back(std::move(*event));
    stream.changed.set();
    while (stream.waiting.size() >= k_max_waiting) {
      stream.room.reset();
      if (co_await stream.room.wait() == core::Outcome::cancelled) {
        co_return;
      }
    }
  }
  stream.ended = true;
  stream.changed.set();
}

/// Writes what waits, and heartbeats, until the stream is over.
template <class Stream>
Task<core::Status> write_events(Call& call, net::Responder& responder, Stream& stream) {
  core::MonoTime next_check = call.services.clock.mono() + k_check_session;
  while (!stream.stopped) {
    std::string text;
    while (!stream.waiting.empty()) {
      if (may_see(stream.principal, stream.waiting.front().kind)) {
        text += event_text(stream.waiting.front());
      }
      stream.waiting.pop_front();
    }
    stream.room.set();
    const core::MonoTime now = call.services.clock.mono();
    if (stream.record_grew && now >= stream.next_record) {
      stream.record_grew = false;
      stream.next_record = now + k_record_pause;
      if (identity::may(stream.principal, identity::Permission::read_audit)) {
        text += written_text(call.services.clock.wall());
      }
    }
    if (text.empty() && stream.ended) {
      co_return core::Status();
    }
    if (text.empty()) {
      stream.changed.reset();
      const auto from = std::chrono::steady_clock::now();
      if (stream.record_grew) {
        const auto woken = co_await stream.changed.wait_until(from + k_record_pause);
        if (woken == core::Outcome::cancelled) {
          co_return core::Status();
        }
        continue;
      }
      const auto woken = co_await stream.changed.wait_until(from + k_heartbeat);
      if (woken == core::Outcome::cancelled) {
        co_return core::Status();
      }
      if (woken == core::Outcome::in_time) {
        continue;
      }
      net::write_sse_comment(text, "");
    }
    if (call.services.clock.mono() >= next_check) {
      next_check = call.services.clock.mono() + k_check_session;
      const auto again = co_await authenticate(call.services, call.request);
      if (!again || !*again || !identity::may(**again, identity::Permission::read)) {
        co_return core::Status();
      }
      stream.principal = **again;
    }
    PRELOOP_CO_CHECK(co_await responder.write(text));
  }
  co_return core::Status();
}

}  // namespace

LiveStreams::LiveStreams(core::LoopPool& loops)
    : loops_(loops), per_loop_(std::make_shared<std::vector<PerLoop>>(loops.size())) {}
LiveStreams::~LiveStreams() = default;

Task<core::Status> LiveStreams::serve(Call& call, net::Responder& responder) {
  PRELOOP_CO_TRY(const auto after, last_event_id(call.request));
  PRELOOP_CO_TRY(const auto subscription,
                 co_await call.services.feed.subscribe(call.services.account, after));
  core::Loop& loop = *core::Loop::current();
  Stream stream(*call.principal, loop.executor());
  const Registration registration((*per_loop_)[loop.index()], stream);
  // Whoever was revoked before we were registered has been told to nobody.
  PRELOOP_CO_TRY(const auto still, co_await authenticate(call.services, call.request));
  PRELOOP_CO_CHECK(admit(call.operation, still, call.now()));

  net::Response head;
  head.headers.set("Content-Type", "text/event-stream");
  head.headers.set("Cache-Control", "no-store");
  head.headers.set("X-Accel-Buffering", "no");
  PRELOOP_CO_CHECK(co_await responder.start_stream(std::move(head)));
  std::string first = retry_text();
  if (subscription->was_reset()) {
    first += reset_text(subscription->position());
  }
  PRELOOP_CO_CHECK(co_await responder.write(first));
  const auto gone = call.context.cancelled.subscribe([&stream] { stream.stop(); });
  core::TaskScope scope(loop.executor());
  scope.spawn("live events", pump(*subscription, stream));
  const core::Status written = co_await write_events(call, responder, stream);
  co_await scope.stop();
  if (written) {
    (void)co_await responder.finish();  // the client may have gone
  }
  co_return core::Status();
}

void LiveStreams::revoked(const identity::Revocation& what) {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    loops_.at(i).post([all = per_loop_, i, what] {
      for (Stream* const stream : (*all)[i].streams) {
        if (stream->is_hit_by(what)) {
          stream->stop();
        }
      }
    });
  }
}

std::function<void()> LiveStreams::record_listener() const {
  return [all = per_loop_, &loops = loops_] {
    for (std::size_t i = 0; i < all->size(); ++i) {
      PerLoop& on = (*all)[i];
      if (on.record_readers == 0 || on.record_posted.exchange(true)) {
        continue;
      }
      loops.at(i).post([all, &on] {
        on.record_posted = false;
        for (Stream* const stream : on.streams) {
          if (!stream->record_grew) {  // otherwise it wakes by itself
            stream->record_grew = true;
            stream->changed.set();
          }
        }
      });
    }
  };
}

std::size_t LiveStreams::open_here() const {
  return (*per_loop_)[core::Loop::current()->index()].streams.size();
}

}  // namespace preloop::api
