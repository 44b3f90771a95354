#include "notify/outbox.h"

#include "core/log.h"
#include "core/loop_call.h"
#include "notify/plan.h"

namespace preloop::notify {
namespace {

using core::Code;
using core::fail;
using core::Task;

constexpr core::milliseconds k_again{1000};
constexpr int k_events_between_marks = 500;
constexpr core::seconds k_keep{30 * 24 * 3600};

core::MonoTime soon() {
  return std::chrono::steady_clock::now() + k_again;
}

}  // namespace

Outbox::Outbox(Dependencies dependencies)
    : d_(dependencies),
      repo_(d_.database),
      scope_(d_.owner.executor()),
      wake_(d_.owner.executor()) {}

Task<core::Status> Outbox::start() {
  d_.owner.post([this] {
    scope_.spawn("notification reader", read());
    scope_.spawn("notification sender", send());
  });
  co_return core::Status();
}

Task<void> Outbox::stop() {
  return core::on_loop(d_.owner, do_stop());
}

Task<void> Outbox::do_stop() {
  co_await scope_.stop();
}

Task<core::Result<RoutesPtr>> Outbox::routes() {
  if (!routes_) {
    PRELOOP_CO_TRY(routes_, co_await d_.settings.routes());
  }
  co_return routes_;
}

Task<void> Outbox::read() {
  while (!co_await core::is_cancelled()) {
    const auto place = co_await repo_.cursor(d_.account);
    if (place) {
      auto feed = co_await d_.feed.subscribe(d_.account, *place);
      if (feed) {
        const bool is_new = !*place || (*feed)->was_reset();
        if ((!is_new || co_await catch_up()) && !co_await follow(**feed)) {
          co_return;
        }
      }
    }
    (void)co_await core::sleep_until(soon());
  }
}

Task<core::Status> Outbox::catch_up() {
  PRELOOP_CO_TRY(const auto open, co_await d_.subjects.open(d_.account));
  for (const core::ApprovalId id : open) {
    PRELOOP_CO_CHECK(co_await enqueue(id, std::nullopt));
  }
  co_return core::Status();
}

Task<bool> Outbox::follow(events::Subscription& feed) {
  int unmarked = 0;
  while (const auto event = co_await feed.next()) {
    if (event->kind == events::to_string(events::Kind::settings_updated)) {
      routes_ = nullptr;
    }
    const bool is_approval = event->kind == events::to_string(events::Kind::approval_created) ||
                             event->kind == events::to_string(events::Kind::approval_updated);
    const auto id = is_approval ? core::ApprovalId::parse(event->ref) : std::nullopt;
    if (id) {
      if (!co_await take(*id, event->seq)) {
        co_return false;
      }
      unmarked = 0;
    } else if (++unmarked >= k_events_between_marks) {
      store::Unit unit;
      unit.add(OutboxRepo::set_cursor(d_.account, event->seq));
      // A lost mark is only read again.
      (void)co_await d_.database.commit(std::move(unit), store::Durability::standard);
      unmarked = 0;
    }
  }
  co_return feed.end() == events::Subscription::End::slow ||
      feed.end() == events::Subscription::End::failed;
}

Task<bool> Outbox::take(core::ApprovalId id, std::optional<std::int64_t> seq) {
  while (!co_await core::is_cancelled()) {
    const core::Status done = co_await enqueue(id, seq);
    if (done) {
      co_return true;
    }
    core::log::warn("messages about a request wait for the store",
                    {{"error", done.error().message}});
    (void)co_await core::sleep_until(soon());
  }
  co_return false;
}

Task<core::Status> Outbox::enqueue(core::ApprovalId id, std::optional<std::int64_t> seq) {
  store::Unit unit;
  if (seq) {
    unit.add(OutboxRepo::set_cursor(d_.account, *seq));
  }
  PRELOOP_CO_TRY(const RoutesPtr known, co_await routes());
  if (!known->channels.empty()) {
    const auto ask = co_await d_.subjects.find(d_.account, id);
    if (!ask && ask.error().code != Code::not_found) {
      co_return std::unexpected(ask.error());
    }
    if (ask) {
      const core::WallTime now = d_.clock.wall();
      for (const Message& message : plan(*ask, *known, now)) {
        unit.add(OutboxRepo::insert(message));
      }
      unit.add(OutboxRepo::want(d_.account, id, ask->revision, now));
    }
  }
  if (!unit.statements.empty()) {
    PRELOOP_CO_CHECK(co_await d_.database.commit(std::move(unit), store::Durability::standard));
  }
  wake_.set();
  co_return core::Status();
}

Task<core::Result<MessageId>> Outbox::test(ChannelId channel,
                                           std::optional<core::PersonId> person) {
  return core::on_loop(d_.owner, do_test(channel, person));
}

Task<core::Result<MessageId>> Outbox::do_test(ChannelId id, std::optional<core::PersonId> person) {
  routes_ = nullptr;  // what was set a moment ago counts
  PRELOOP_CO_TRY(const RoutesPtr known, co_await routes());
  const Channel* const channel = known->find(id);
  if (channel == nullptr) {
    co_return fail(Code::not_found, "there is no such channel");
  }
  if (!channel->enabled) {
    co_return fail(Code::failed_precondition, "the channel is switched off");
  }
  std::vector<Message> messages;
  const core::WallTime now = d_.clock.wall();
  if (channel->kind == Kind::ntfy) {
    for (const Device& device : known->devices) {
      if (device.kind == channel->kind && device.person == person) {
        messages.push_back(test_message(*channel, person, device.id, now));
      }
    }
  } else {
    messages.push_back(
        test_message(*channel, is_personal(channel->kind) ? person : std::nullopt, {}, now));
  }
  if (messages.empty()) {
    co_return fail(Code::failed_precondition,
                   "you have no device on this channel yet; add one first");
  }
  store::Unit unit;
  for (const Message& message : messages) {
    unit.add(OutboxRepo::insert(message));
  }
  PRELOOP_CO_CHECK(co_await d_.database.commit(std::move(unit), store::Durability::standard));
  wake_.set();
  co_return messages.front().id;
}

Task<core::Status> Outbox::purge() {
  PRELOOP_CO_CHECK(co_await d_.links.purge());
  store::Unit unit;
  unit.add(OutboxRepo::purge(d_.account, d_.clock.wall() - k_keep));
  co_return co_await d_.database.commit(std::move(unit), store::Durability::standard);
}

}  // namespace preloop::notify
