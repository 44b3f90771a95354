#include "core/crypto.h"
#include "notify/channel_repo.h"
#include "notify/outbox_repo.h"
#include "store/testing/databases.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>

namespace preloop::notify {
namespace {

const core::WallTime k_now = *core::parse_rfc3339("2026-07-01T12:00:00Z");

struct World {
  store::testing::TestDatabase& test;
  core::AccountId account;
  OutboxRepo outbox;
  ChannelRepo channels;
  core::PersonId ana = core::PersonId::make(k_now);
  core::ApprovalId request = core::ApprovalId::make(k_now);

  explicit World(store::testing::TestDatabase& database)
      : test(database),
        account(database.make_account()),
        outbox(database.database),
        channels(database.database, core::Secret(core::random_bytes(32))) {}

  core::Status commit(store::Unit unit) {
    return test.run(test.database.commit(std::move(unit), store::Durability::standard));
  }
  core::Status commit(store::Statement statement) {
    store::Unit unit;
    unit.add(std::move(statement));
    return commit(std::move(unit));
  }
  core::Status guarded(store::Statement statement) {
    store::Unit unit;
    unit.guard = store::Unit::Guard{std::move(statement)};
    return commit(std::move(unit));
  }
  Message message(std::string dedupe, int step = 0) const {
    Message message;
    message.id = MessageId::make(k_now);
    message.account = account;
    message.dedupe = std::move(dedupe);
    message.channel = ChannelId::make(k_now);
    message.kind = Kind::ntfy;
    message.request = request;
    message.person = ana;
    message.step = step;
    message.wanted = 1;
    message.due_at = k_now + core::seconds(60) * step;
    message.created_at = k_now;
    return message;
  }
  std::vector<Message> due(core::seconds later = core::seconds(0)) {
    auto found = test.run(outbox.due(account, k_now + later, 10));
    REQUIRE_MESSAGE(found, found.error().message);
    return *found;
  }
};

void on_both(const std::function<void(World&)>& check) {
  store::testing::for_each_database([&](store::testing::TestDatabase& test) {
    World world(test);
    check(world);
  });
}

TEST_CASE("a message exists once, whatever asks for it again") {
  on_both([](World& world) {
    REQUIRE(world.commit(OutboxRepo::insert(world.message("a"))));
    REQUIRE(world.commit(OutboxRepo::insert(world.message("a"))));
    REQUIRE(world.commit(OutboxRepo::insert(world.message("b", 1))));
    CHECK(world.due().size() == 1);
    CHECK(world.due(core::seconds(60)).size() == 2);
    const auto next = world.test.run(world.outbox.next_due(world.account));
    REQUIRE(next);
    CHECK(*next == k_now);
  });
}

TEST_CASE("a request that moves on makes due what shows it, and only what can be changed") {
  on_both([](World& world) {
    REQUIRE(world.commit(OutboxRepo::insert(world.message("phone"))));
    REQUIRE(world.commit(OutboxRepo::insert(world.message("letter"))));
    for (Message sent : world.due()) {
      sent.state = State::sent;
      sent.shown = 1;
      sent.attempts = 1;
      sent.due_at.reset();
      sent.sent_at = k_now;
      sent.external = sent.dedupe == "phone" ? "name over there" : "";
      REQUIRE(world.commit(OutboxRepo::settle(sent)));
    }
    CHECK(world.due(core::seconds(3600)).empty());
    REQUIRE(world.commit(OutboxRepo::want(world.account, world.request, 2, k_now)));
    const auto again = world.due();
    REQUIRE(again.size() == 1);
    CHECK(again[0].dedupe == "phone");
    CHECK(again[0].wanted == 2);
    CHECK(again[0].attempts == 0);
    // An older revision that is heard of late changes nothing.
    REQUIRE(world.commit(OutboxRepo::want(world.account, world.request, 1, k_now)));
    CHECK(world.due()[0].wanted == 2);
  });
}

TEST_CASE("a request that moved on while its message was being sent is shown as it is now") {
  on_both([](World& world) {
    REQUIRE(world.commit(OutboxRepo::insert(world.message("phone"))));
    Message sending = world.due().at(0);
    REQUIRE(world.commit(OutboxRepo::want(world.account, world.request, 2, k_now)));
    sending.state = State::sent;
    sending.shown = 1;
    sending.due_at.reset();
    sending.sent_at = k_now;
    sending.external = "name over there";
    REQUIRE(world.commit(OutboxRepo::settle(sending)));
    const auto again = world.due();
    REQUIRE(again.size() == 1);
    CHECK(again[0].state == State::sent);
    CHECK(again[0].shown == 1);
  });
}

TEST_CASE("a step that failed brings the later ones forward, and nobody else's") {
  on_both([](World& world) {
    const Message first = world.message("first");
    Message other = world.message("other", 2);
    other.person = core::PersonId::make(k_now);
    REQUIRE(world.commit(OutboxRepo::insert(first)));
    REQUIRE(world.commit(OutboxRepo::insert(world.message("second", 2))));
    REQUIRE(world.commit(OutboxRepo::insert(other)));
    REQUIRE(world.commit(OutboxRepo::bring_forward(first, k_now)));
    const auto now = world.due();
    REQUIRE(now.size() == 2);
    CHECK((now[0].dedupe == "second" || now[1].dedupe == "second"));
  });
}

TEST_CASE("deliveries are listed newest first, by person and request") {
  on_both([](World& world) {
    Message other = world.message("other");
    other.person = core::PersonId::make(k_now);
    other.request = core::ApprovalId::make(k_now);
    REQUIRE(world.commit(OutboxRepo::insert(world.message("own"))));
    REQUIRE(world.commit(OutboxRepo::insert(other)));
    const auto list = [&](OutboxRepo::Filter filter) {
      const auto found = world.test.run(world.outbox.list(world.account, filter));
      REQUIRE_MESSAGE(found, found.error().message);
      return *found;
    };
    CHECK(list({}).size() == 2);
    CHECK(list({})[0].id > list({})[1].id);
    CHECK(list({.person = world.ana, .request = {}, .before = {}}).size() == 1);
    CHECK(list({.person = {}, .request = other.request, .before = {}}).size() == 1);
    CHECK(list({.person = {}, .request = {}, .before = list({})[0].id}).size() == 1);
    REQUIRE(world.commit(OutboxRepo::purge(world.account, k_now + core::seconds(1))));
    CHECK(list({}).size() == 2);  // what is still to be sent stays
  });
}

TEST_CASE("a link is used once, before it expires") {
  on_both([](World& world) {
    const core::Digest hash = core::sha256("token");
    const LinkRow link{.request = world.request,
                       .person = world.ana,
                       .kind = Kind::email,
                       .expires_at = k_now + core::seconds(60),
                       .used_at = {}};
    REQUIRE(world.commit(OutboxRepo::insert_link(world.account, hash, link, k_now)));
    REQUIRE(world.commit(OutboxRepo::insert_link(world.account, hash, link, k_now)));
    CHECK(world.guarded(OutboxRepo::use_link(world.account, hash, k_now + core::seconds(60)))
              .error()
              .code == core::Code::aborted);
    CHECK(world.guarded(OutboxRepo::use_link(world.account, hash, k_now)));
    CHECK(world.guarded(OutboxRepo::use_link(world.account, hash, k_now)).error().code ==
          core::Code::aborted);
    REQUIRE(world.commit(OutboxRepo::release_link(world.account, hash)));
    CHECK(world.guarded(OutboxRepo::use_link(world.account, hash, k_now)));
    const auto found = world.test.run(world.outbox.find_link(world.account, hash));
    REQUIRE(found);
    REQUIRE(*found);
    CHECK((**found).used_at == k_now);
    CHECK((**found).person == world.ana);
    REQUIRE(world.commit(OutboxRepo::purge_links(world.account, k_now + core::seconds(61))));
    CHECK(!*world.test.run(world.outbox.find_link(world.account, hash)));
  });
}

TEST_CASE("the place in the feed is remembered") {
  on_both([](World& world) {
    CHECK(!*world.test.run(world.outbox.cursor(world.account)));
    REQUIRE(world.commit(OutboxRepo::set_cursor(world.account, 7)));
    REQUIRE(world.commit(OutboxRepo::set_cursor(world.account, 9)));
    CHECK(**world.test.run(world.outbox.cursor(world.account)) == 9);
  });
}

TEST_CASE("channels, devices and preferences come back as they were; secrets are sealed") {
  on_both([](World& world) {
    Channel channel;
    channel.id = ChannelId::make(k_now);
    channel.account = world.account;
    channel.kind = Kind::email;
    channel.name = "mail";
    channel.settings = "{}";
    channel.secret = core::Secret("hunter2");
    channel.created_at = k_now;
    REQUIRE(world.commit(world.channels.insert(channel)));
    channel.revision = 2;
    channel.enabled = false;
    CHECK(world.guarded(world.channels.update(channel, 1)));
    CHECK(world.guarded(world.channels.update(channel, 1)).error().code == core::Code::aborted);
    const auto read = world.test.run(world.channels.channels(world.account));
    REQUIRE(read);
    REQUIRE(read->size() == 1);
    CHECK((*read)[0].secret.reveal() == "hunter2");
    CHECK(!(*read)[0].enabled);
    // With another key nothing opens.
    ChannelRepo other(world.test.database, core::Secret(core::random_bytes(32)));
    CHECK(world.test.run(other.channels(world.account)).error().code == core::Code::data_loss);

    Device device;
    device.id = DeviceId::make(k_now);
    device.account = world.account;
    device.person = world.ana;
    device.name = "Phone";
    device.address = "topic";
    device.created_at = k_now;
    CHECK(world.guarded(world.channels.insert(device)));
    device.id = DeviceId::make(k_now);
    CHECK(world.guarded(world.channels.insert(device)).error().code == core::Code::aborted);
    CHECK(world.test.run(world.channels.devices(world.account))->size() == 1);

    Preference preference = default_preference(true);
    preference.revision = 1;
    CHECK(world.guarded(ChannelRepo::set(world.account, world.ana, preference, 0)));
    preference.revision = 2;
    CHECK(world.guarded(ChannelRepo::set(world.account, world.ana, preference, 0)).error().code ==
          core::Code::aborted);
    CHECK(world.guarded(ChannelRepo::set(world.account, world.ana, preference, 1)));
    const auto preferences = world.test.run(world.channels.preferences(world.account));
    REQUIRE(preferences);
    CHECK(preferences->at(world.ana).revision == 2);
  });
}

}  // namespace
}  // namespace preloop::notify
