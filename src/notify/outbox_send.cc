#include "core/crypto.h"
#include "core/log.h"
#include "identity/directory.h"
#include "notify/outbox.h"
#include "notify/record.h"

#include <algorithm>

namespace preloop::notify {
namespace {

using core::Code;
using core::Task;

constexpr std::size_t k_at_once = 16;
constexpr std::int64_t k_page = 64;
constexpr core::milliseconds k_look{1000};

/// From 0 to 1: so that what failed together is not tried again together.
double random_part() {
  std::uint32_t bits = 0;
  core::random_bytes(&bits, sizeof bits);
  return static_cast<double>(bits) / 4294967296.0;
}

void skip(Message& message, std::string why) {
  message.state = State::skipped;
  message.due_at.reset();
  message.error = std::move(why);
}

}  // namespace

Task<void> Outbox::send() {
  while (!co_await core::is_cancelled()) {
    wake_.reset();
    auto due = co_await repo_.due(d_.account, d_.clock.wall(), k_page);
    if (due) {
      for (Message& message : *due) {
        if (in_flight_.size() < k_at_once && in_flight_.insert(message.id).second) {
          const MessageId id = message.id;
          if (!scope_.spawn("notification", deliver(std::move(message)))) {
            in_flight_.erase(id);
          }
        }
      }
    }
    // What is due is in flight, or comes when something ends; what is not is at most a look away.
    const auto next = co_await repo_.next_due(d_.account);
    const auto now = std::chrono::steady_clock::now();
    auto until = now + core::seconds(30);
    if (!due || !next) {
      until = now + k_look;
    } else if (*next) {
      until = std::min(
          until,
          now + std::max<core::microseconds>(**next - d_.clock.wall(), core::microseconds(0)));
      until = in_flight_.empty() ? until : std::max(until, now + k_look);
    }
    (void)co_await wake_.wait_until(until);
  }
}

Task<core::Result<std::optional<Delivery::Letter>>> Outbox::prepare(Message& message) {
  using Prepared = core::Result<std::optional<Delivery::Letter>>;
  PRELOOP_CO_TRY(const RoutesPtr known, co_await routes());
  const Channel* const channel = known->find(message.channel);
  if (channel == nullptr || !channel->enabled) {
    skip(message, "the channel was removed or switched off");
    co_return Prepared(std::nullopt);
  }
  Delivery::Letter letter{
      .message = message, .channel = *channel, .device = {}, .ask = {}, .email = {}, .links = {}};
  if (message.device) {
    const Device* const device = known->find(*message.device);
    if (device == nullptr) {
      skip(message, "the device was removed");
      co_return Prepared(std::nullopt);
    }
    letter.device = *device;
  }
  if (message.person) {
    const auto directory = d_.identity.latest();
    const identity::Person* const person = directory->find_person(*message.person);
    if (person == nullptr || person->standing != identity::Standing::active) {
      skip(message, "the person is gone or suspended");
      co_return Prepared(std::nullopt);
    }
    letter.email = person->email;
  }
  letter.links = d_.links.plain(message.request);
  if (!message.request) {
    co_return Prepared(std::move(letter));
  }
  PRELOOP_CO_TRY(letter.ask, co_await d_.subjects.find(d_.account, *message.request));
  const Ask& ask = *letter.ask;
  const bool is_first = message.state == State::waiting;
  if (message.event == Event::approval && is_first) {
    if (!ask.is_open || std::ranges::find(ask.asked, *message.person) == ask.asked.end()) {
      skip(message, "decided, or no longer for this person, before it was due");
      co_return Prepared(std::nullopt);
    }
    const Preference preference = known->preference_of(*message.person);
    if (preference.quiet) {
      if (const auto until = quiet_until(*preference.quiet, d_.clock.wall())) {
        message.due_at = until;
        co_return Prepared(std::nullopt);
      }
    }
  }
  if (message.event == Event::approval && ask.is_open) {
    PRELOOP_CO_TRY(letter.links, co_await d_.links.make(message, ask));
  }
  co_return Prepared(std::move(letter));
}

Task<void> Outbox::deliver(Message message) {
  auto prepared = co_await prepare(message);
  std::optional<Channel> channel;
  bool was_sent = false;
  if (!prepared) {
    // Ours to mend, not the message's fault: it does not use up a try.
    message.due_at = d_.clock.wall() + retry_after(1, random_part());
  } else if (*prepared) {
    channel = (*prepared)->channel;
    const std::int64_t shown = (*prepared)->ask ? (*prepared)->ask->revision : 0;
    const Outcome outcome = co_await d_.delivery.send(std::move(**prepared));
    ++message.attempts;
    const core::WallTime now = d_.clock.wall();
    message.error = outcome.error;
    if (outcome.sent) {
      was_sent = message.state != State::sent;
      message.state = State::sent;
      message.shown = shown;
      message.external = outcome.external;
      message.due_at.reset();
      message.sent_at = now;
    } else if (outcome.for_good || message.attempts >= k_max_attempts) {
      message.state = State::failed;
      message.due_at.reset();
    } else {
      message.due_at =
          now + outcome.retry_after.value_or(retry_after(message.attempts, random_part()));
    }
  }
  const MessageId id = message.id;
  core::Status settled;
  while (!(settled = co_await settle(message, channel, was_sent))) {
    if (co_await core::is_cancelled()) {
      break;
    }
    core::log::warn("a delivery could not be written down", {{"error", settled.error().message}});
    (void)co_await core::sleep_until(std::chrono::steady_clock::now() + k_look);
  }
  in_flight_.erase(id);
  wake_.set();
}

Task<core::Status> Outbox::settle(Message message, std::optional<Channel> channel, bool was_sent) {
  store::Unit unit;
  unit.add(OutboxRepo::settle(message));
  const bool failed = message.state == State::failed;
  if (channel && (was_sent || failed)) {
    std::string name;
    if (message.person) {
      const auto directory = d_.identity.latest();
      const identity::Person* const person = directory->find_person(*message.person);
      name = person != nullptr ? person->email : std::string();
    }
    unit.drafts.push_back(delivery_draft(message, *channel, name));
  }
  if (failed && message.person && message.request) {
    unit.add(OutboxRepo::bring_forward(message, d_.clock.wall()));
  }
  co_return co_await d_.database.commit(std::move(unit), store::Durability::standard);
}

}  // namespace preloop::notify
