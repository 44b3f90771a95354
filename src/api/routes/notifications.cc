#include "api/routes/routes.h"
#include "api/views_json.h"
#include "notify/notifier.h"

#include <algorithm>

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;
using notify::Kind;

std::optional<std::string> text_of(const std::optional<core::WallTime>& time) {
  return time ? std::optional(core::to_rfc3339(*time)) : std::nullopt;
}
template <class IdType>
std::optional<std::string> text_of(const std::optional<IdType>& id) {
  return id ? std::optional(id->to_string()) : std::nullopt;
}

void write_channel(core::JsonWriter& out, const notify::Channel& channel) {
  out.begin_object()
      .field("id", channel.id.to_string())
      .field("kind", notify::to_string(channel.kind))
      .field("name", channel.name)
      .field("enabled", channel.enabled)
      .key("settings")
      .raw(channel.settings)
      .field("has_secret", !channel.secret.empty())
      .field("created_at", core::to_rfc3339(channel.created_at))
      .field("revision", channel.revision)
      .end_object();
}

void write_device(core::JsonWriter& out, const notify::Device& device) {
  out.begin_object()
      .field("id", device.id.to_string())
      .field("kind", notify::to_string(device.kind))
      .field("name", device.name)
      .field("address", device.address)
      .field("created_at", core::to_rfc3339(device.created_at))
      .end_object();
}

void write_delivery(core::JsonWriter& out, const notify::Message& message) {
  out.begin_object()
      .field("id", message.id.to_string())
      .field("channel_id", message.channel.to_string())
      .field("kind", notify::to_string(message.kind))
      .field("event", notify::to_string(message.event))
      .optional_field("approval_id", text_of(message.request))
      .optional_field("person_id", text_of(message.person))
      .field("state", notify::to_string(message.state))
      .field("attempts", static_cast<std::int64_t>(message.attempts))
      .field("error", message.error)
      .field("created_at", core::to_rfc3339(message.created_at))
      .optional_field("due_at", text_of(message.due_at))
      .optional_field("sent_at", text_of(message.sent_at))
      .end_object();
}

template <class Range, class Write>
std::string items(const Range& range, Write write, const std::optional<std::string>& next = {}) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("items").begin_array();
  for (const auto& one : range) {
    write(writer, one);
  }
  writer.end_array().optional_field("next_cursor", next).end_object();
  return out;
}

Response respond(int status, const notify::Channel& channel) {
  std::string out;
  core::JsonWriter writer(out);
  write_channel(writer, channel);
  return reply_revision(status, channel.revision, std::move(out));
}

notify::Settings::ChannelDraft draft_of(const Call& call) {
  notify::Settings::ChannelDraft draft;
  draft.name = call.optional_text("name");
  draft.enabled = call.body()["enabled"].as_bool();
  if (const core::Json settings = call.body()["settings"]; settings.exists()) {
    draft.settings = settings.dump();
  }
  if (auto secret = call.optional_text("secret"); secret && !secret->empty()) {
    draft.secret = core::Secret(std::move(*secret));
  }
  return draft;
}

Task<Result<Response>> list_channels(Call& call) {
  PRELOOP_CO_TRY(const auto routes, co_await call.services.notifier.settings.routes());
  co_return reply(200, items(routes->channels, write_channel));
}

Task<Result<Response>> create_channel(Call& call) {
  const auto kind = notify::parse_kind(call.text("kind"));
  if (!kind) {
    co_return fail(Code::invalid_argument, "unknown kind", {{"kind", "unknown"}});
  }
  PRELOOP_CO_TRY(
      const notify::Channel channel,
      co_await call.services.notifier.settings.create(call.actor(), *kind, draft_of(call)));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("channel");
  write_channel(writer, channel);
  // Ours to make known once; what was given is known already.
  const bool is_made_here = *kind == Kind::webhook && call.text("secret").empty();
  writer
      .optional_field("secret",
                      is_made_here ? std::optional(channel.secret.reveal()) : std::nullopt)
      .end_object();
  co_return reply(201, std::move(out));
}

Task<Result<Response>> update_channel(Call& call) {
  PRELOOP_CO_TRY(const auto id, call.id<notify::ChannelId>());
  PRELOOP_CO_TRY(const notify::Channel channel,
                 co_await call.services.notifier.settings.update(
                     call.actor(), id, call.revision, draft_of(call)));
  co_return respond(200, channel);
}

Task<Result<Response>> remove_channel(Call& call) {
  PRELOOP_CO_TRY(const auto id, call.id<notify::ChannelId>());
  PRELOOP_CO_CHECK(
      co_await call.services.notifier.settings.remove(call.actor(), id, call.revision));
  co_return done();
}

Response test_made(notify::MessageId id) {
  std::string out;
  core::JsonWriter(out).begin_object().field("id", id.to_string()).end_object();
  return reply(200, std::move(out));
}

Task<Result<Response>> test_channel(Call& call) {
  PRELOOP_CO_TRY(const auto id, call.id<notify::ChannelId>());
  PRELOOP_CO_TRY(
      const notify::MessageId made,
      co_await call.services.notifier.outbox.test(id, identity::person_of(*call.principal)));
  co_return test_made(made);
}

core::PersonId self(const Call& call) {
  return identity::person_of(*call.principal).value_or(core::PersonId{});
}

Task<Result<Response>> settings_of(Call& call) {
  PRELOOP_CO_TRY(const auto routes, co_await call.services.notifier.settings.routes());
  const notify::Preference preference = routes->preference_of(self(call));
  std::string text = notify::write_preference(preference);
  text.pop_back();  // goes on inside the object
  std::string more;
  core::JsonWriter writer(more);
  writer.begin_array();
  for (const notify::Channel& channel : routes->channels) {
    if (channel.enabled && notify::is_personal(channel.kind)) {
      writer.begin_object()
          .field("kind", notify::to_string(channel.kind))
          .field("name", channel.name)
          .field("server",
                 channel.kind == Kind::ntfy ? core::JsonDocument::parse(channel.settings)
                                                  ->root()["url"]
                                                  .as_string()
                                                  .value_or("")
                                            : std::string_view())
          .end_object();
    }
  }
  writer.end_array();
  text += R"(,"channels":)" + more + R"(,"revision":)" + std::to_string(preference.revision) + "}";
  co_return reply_revision(200, preference.revision, std::move(text));
}

Task<Result<Response>> set_settings(Call& call) {
  PRELOOP_CO_CHECK(co_await call.services.notifier.settings.set_preference(
      call.actor(), self(call), call.body().dump(), call.revision));
  co_return co_await settings_of(call);
}

Task<Result<Response>> test_own(Call& call) {
  PRELOOP_CO_TRY(const auto routes, co_await call.services.notifier.settings.routes());
  const auto kind = notify::parse_kind(call.text("channel"));
  const auto channel = std::ranges::find_if(routes->channels, [&](const notify::Channel& one) {
    return kind == one.kind && one.enabled && notify::is_personal(one.kind);
  });
  if (channel == routes->channels.end()) {
    co_return fail(Code::failed_precondition, "nobody set this channel up; ask an administrator");
  }
  PRELOOP_CO_TRY(const notify::MessageId made,
                 co_await call.services.notifier.outbox.test(channel->id, self(call)));
  co_return test_made(made);
}

Task<Result<Response>> list_devices(Call& call) {
  PRELOOP_CO_TRY(const auto routes, co_await call.services.notifier.settings.routes());
  std::vector<notify::Device> own;
  std::ranges::copy_if(routes->devices, std::back_inserter(own), [&](const notify::Device& one) {
    return one.person == self(call);
  });
  co_return reply(200, items(own, write_device));
}

Task<Result<Response>> add_device(Call& call) {
  const auto kind = notify::parse_kind(call.text("kind"));
  if (!kind) {
    co_return fail(Code::invalid_argument, "unknown kind", {{"kind", "unknown"}});
  }
  PRELOOP_CO_TRY(const notify::Device device,
                 co_await call.services.notifier.settings.add_device(
                     call.actor(), self(call), *kind, call.text("name"), call.text("address")));
  std::string out;
  core::JsonWriter writer(out);
  write_device(writer, device);
  co_return reply(201, std::move(out));
}

Task<Result<Response>> remove_device(Call& call) {
  PRELOOP_CO_TRY(const auto id, call.id<notify::DeviceId>());
  PRELOOP_CO_CHECK(
      co_await call.services.notifier.settings.remove_device(call.actor(), self(call), id));
  co_return done();
}

Task<Result<Response>> list_deliveries(Call& call) {
  notify::OutboxRepo::Filter filter;
  PRELOOP_CO_TRY(filter.limit, call.limit());
  PRELOOP_CO_TRY(filter.request, call.query_id<core::ApprovalId>("approval"));
  PRELOOP_CO_TRY(const auto place, read_cursor(call));
  if (place) {
    filter.before = notify::MessageId::from_bytes(*place);
  }
  if (!call.may(identity::Permission::configure_account)) {
    filter.person = self(call);
  }
  PRELOOP_CO_TRY(const auto found, co_await call.services.notifier.outbox.deliveries(filter));
  std::optional<std::string> next;
  if (found.size() == filter.limit) {
    next = make_cursor(call, found.back().id.as_bytes());
  }
  co_return reply(200, items(found, write_delivery, next));
}

Task<Result<Response>> show_link(Call& call) {
  PRELOOP_CO_TRY(const notify::DecisionLinks::Shown shown,
                 co_await call.services.notifier.links.show(call.text("token"), call.context.peer));
  PRELOOP_CO_TRY(const approvals::Request request,
                 co_await call.services.approvals.find(call.services.account, shown.request));
  const auto directory = call.directory();
  // Whoever may not decide any more does not read on either.
  PRELOOP_CO_CHECK(identity::principal_by_channel(*directory, call.services.account, shown.person));
  const identity::Person* const person = directory->find_person(shown.person);
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object()
      .field("person", person == nullptr ? std::string_view() : std::string_view(person->email))
      .field("used", shown.used)
      .key("approval");
  write_view(writer, request);
  writer.end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> decide_link(Call& call) {
  PRELOOP_CO_TRY(const core::ApprovalId id,
                 co_await call.services.notifier.links.decide(call.text("token"),
                                                              call.text("decision") == "approve",
                                                              call.text("comment"),
                                                              call.context.peer));
  PRELOOP_CO_TRY(const approvals::Request request,
                 co_await call.services.approvals.find(call.services.account, id));
  co_return reply(200, view(request));
}

constexpr Route k_routes[] = {
    {"list_notification_channels", list_channels},
    {"create_notification_channel", create_channel},
    {"update_notification_channel", update_channel},
    {"remove_notification_channel", remove_channel},
    {"test_notification_channel", test_channel},
    {"get_notification_settings", settings_of},
    {"set_notification_settings", set_settings},
    {"test_notification", test_own},
    {"list_devices", list_devices},
    {"add_device", add_device},
    {"remove_device", remove_device},
    {"list_notification_deliveries", list_deliveries},
    {"show_notification_link", show_link},
    {"decide_notification_link", decide_link},
};

}  // namespace

std::span<const Route> notification_routes() {
  return k_routes;
}

}  // namespace preloop::api
