#include "core/json.h"
#include "core/text.h"
#include "notify/channel_settings.h"
#include "notify/email.h"
#include "notify/ntfy.h"
#include "notify/plan.h"
#include "notify/webhook.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace preloop::notify {
namespace {

const core::WallTime k_now = *core::parse_rfc3339("2026-07-01T12:00:00Z");

Ask ask_with(std::string arguments) {
  Ask ask;
  ask.id = core::ApprovalId::make(k_now);
  ask.account = core::AccountId::make(k_now);
  ask.agent = "ci-bot";
  ask.server = "bank";
  ask.tool = "pay";
  ask.arguments = std::move(arguments);
  ask.state = "pending";
  ask.is_open = true;
  ask.created_at = k_now;
  ask.expires_at = k_now + core::seconds(300);
  ask.revision = 1;
  return ask;
}

TEST_CASE("a title names the tool and the argument that tells most") {
  CHECK(title_of(ask_with(R"({"id":7,"amount":5000})")) == "pay: amount 5000");
  CHECK(title_of(ask_with(R"({"colour":"red"})")) == "pay: colour red");
  CHECK(title_of(ask_with(R"({"list":[1]})")) == "pay");
  CHECK(title_of(ask_with("{}")) == "pay");
  const std::string hostile =
      title_of(ask_with("{\"amount\":\"1\\r\\nBcc: x\\u202e\\u001b[31m\"}"));
  CHECK(hostile.find('\n') == std::string::npos);
  CHECK(hostile.find('\x1b') == std::string::npos);
  CHECK(hostile.find("\xe2\x80\xae") == std::string::npos);
  CHECK(title_of(ask_with("{\"amount\":\"" + std::string(10'000, 'x') + "\"}")).size() < 200);
}

TEST_CASE("a webhook's signature is that of the specification's own example") {
  // The example of the Standard Webhooks specification.
  const auto key = webhook_key(core::Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  REQUIRE(key);
  CHECK(webhook_signature(
            *key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})") ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  CHECK(webhook_key(make_webhook_secret()));
  CHECK(!webhook_key(core::Secret("whsec_c2hvcnQ=")));
  CHECK(!webhook_key(core::Secret("no prefix")));
}

TEST_CASE("no text can begin a header of its own") {
  Mail mail;
  mail.from = "Preloop <preloop@example.com>";
  mail.to = "ana@example.com";
  mail.subject = "a\r\nBcc: eve@example.com\r\n\r\nbody";
  mail.text = ".\r\n.dots\r\n";
  mail.html = "<p>x</p>";
  mail.message_id = "1@example.com";
  mail.date = k_now;
  const std::string out = compose(mail);
  CHECK(out.find("\r\nBcc:") == std::string::npos);
  CHECK(out.find("Date: Wed, 01 Jul 2026 12:00:00 +0000\r\n") != std::string::npos);
  CHECK(out.find("Message-ID: <1@example.com>\r\n") != std::string::npos);
  for (std::size_t at = 0; at < out.size();) {
    const std::size_t end = out.find("\r\n", at);
    REQUIRE(end != std::string::npos);
    CHECK(end - at <= 78);
    CHECK(out.find('\n', at) == end + 1);
    at = end + 2;
  }
}

TEST_CASE("a long subject in another script is cut into words between its characters") {
  Mail mail;
  mail.from = "preloop@example.com";
  mail.to = "ana@example.com";
  for (int i = 0; i < 60; ++i) {
    mail.subject += "ü";
  }
  mail.date = k_now;
  const std::string out = compose(mail);
  std::string decoded;
  for (std::size_t at = out.find("=?UTF-8?B?"); at != std::string::npos;
       at = out.find("=?UTF-8?B?", at + 1)) {
    const std::size_t end = out.find("?=", at);
    const auto bytes = core::from_base64(out.substr(at + 10, end - at - 10));
    REQUIRE(bytes);
    CHECK(core::is_valid_utf8(*bytes));
    decoded += *bytes;
  }
  CHECK(decoded == mail.subject);
}

TEST_CASE("e-mail settings that would send a password in the clear are refused") {
  CHECK(!read_email(R"({"host":"mail.example.com","security":"none","from":"a@example.com"})"));
  CHECK(read_email(R"({"host":"127.0.0.1","security":"none","from":"a@example.com"})"));
  CHECK(!read_email(R"({"host":"mail.example.com","from":"a@example.com\r\nX: y"})"));
  CHECK(!read_email(R"({"host":"mail.example.com/x","from":"a@example.com"})"));
  CHECK(!read_email(R"({"host":"mail.example.com","from":"a@example.com","pasword":"x"})"));
  CHECK(
      read_email(R"({"host":"mail.example.com","security":"tls","from":"a@example.com"})")->port ==
      465);
}

struct Place {
  Routes routes;
  core::PersonId ana = core::PersonId::make(k_now), bo = core::PersonId::make(k_now);
  Channel& add(Kind kind) {
    Channel channel;
    channel.id = ChannelId::make(k_now);
    channel.kind = kind;
    channel.settings = "{}";
    channel.created_at = k_now - core::seconds(60);
    return routes.channels.emplace_back(channel);
  }
  void add_phone(core::PersonId person) {
    Device device;
    device.id = DeviceId::make(k_now);
    device.person = person;
    device.kind = Kind::ntfy;
    device.address = device.id.to_string();
    routes.devices.push_back(device);
  }
};

TEST_CASE("who gets what, when: a phone at once and a letter later, or a letter at once") {
  Place place;
  place.add(Kind::email);
  place.add(Kind::ntfy);
  place.add_phone(place.ana);
  Ask ask = ask_with("{}");
  ask.asked = {place.ana, place.bo};
  const auto messages = plan(ask, place.routes, k_now);
  REQUIRE(messages.size() == 3);
  const auto due = [&](core::PersonId person, Kind kind) {
    const auto found = std::ranges::find_if(
        messages, [&](const Message& one) { return one.person == person && one.kind == kind; });
    REQUIRE(found != messages.end());
    return *found->due_at - k_now;
  };
  CHECK(due(place.ana, Kind::ntfy) == core::seconds(0));
  CHECK(due(place.ana, Kind::email) == core::seconds(60));
  CHECK(due(place.bo, Kind::email) == core::seconds(0));
  // The same question gives the same names, so that asking it again inserts nothing.
  const auto again = plan(ask, place.routes, k_now + core::seconds(5));
  for (std::size_t i = 0; i < messages.size(); ++i) {
    CHECK(again[i].dedupe == messages[i].dedupe);
    CHECK(again[i].id != messages[i].id);
  }
}

TEST_CASE("a first step that cannot reach the person costs no time") {
  Place place;
  place.add(Kind::email);
  place.routes.preferences[place.ana].steps = {{Kind::ntfy, core::seconds(0)},
                                               {Kind::email, core::seconds(300)}};
  Ask ask = ask_with("{}");
  ask.asked = {place.ana};
  const auto messages = plan(ask, place.routes, k_now);
  REQUIRE(messages.size() == 1);
  CHECK(*messages[0].due_at == k_now);
}

TEST_CASE("a webhook hears of the beginning and the end, and of nothing before its time") {
  Place place;
  place.add(Kind::webhook);
  Ask ask = ask_with("{}");
  CHECK(plan(ask, place.routes, k_now).size() == 1);
  ask.is_open = false;
  const auto both = plan(ask, place.routes, k_now);
  REQUIRE(both.size() == 2);
  CHECK(both[0].event == Event::approval_created);
  CHECK(both[1].event == Event::approval_decided);
  place.routes.channels[0].created_at = k_now + core::seconds(1);
  CHECK(plan(ask, place.routes, k_now).empty());
  place.routes.channels[0].created_at = k_now - core::seconds(1);
  place.routes.channels[0].enabled = false;
  CHECK(plan(ask, place.routes, k_now).empty());
}

TEST_CASE("an ntfy message that needs a reason has no button that could not give one") {
  Ask ask = ask_with(R"({"amount":1})");
  Links links{.open = "https://p/approval/1#link=t",
              .approve = "a",
              .decline = "d",
              .decide = "https://p/api/v1/notification-links/decide",
              .token = "t"};
  const auto actions = [&] {
    const auto body = core::JsonDocument::parse(ntfy_body("topic", "seq", &ask, links));
    REQUIRE(body);
    return body->root()["actions"].size();
  };
  CHECK(actions() == 3);
  ask.needs_reason = true;
  CHECK(actions() == 1);
  ask.needs_reason = false;
  ask.is_open = false;
  CHECK(actions() == 1);
}

}  // namespace
}  // namespace preloop::notify
