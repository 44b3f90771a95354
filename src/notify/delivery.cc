#include "notify/delivery.h"

#include "core/text.h"
#include "net/smtp.h"
#include "net/url.h"
#include "notify/channel_settings.h"
#include "notify/email.h"
#include "notify/ntfy.h"
#include "notify/webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace preloop::notify {
namespace {

using core::Task;

constexpr core::seconds k_patience{20};
constexpr std::size_t k_most_answer = 64 * 1024;
constexpr core::seconds k_longest_retry_after{3600};

Outcome give_up(std::string error) {
  Outcome outcome;
  outcome.for_good = true;
  outcome.error = std::move(error);
  return outcome;
}

std::optional<core::milliseconds> retry_after_of(const net::Headers& headers) {
  const auto text = headers.get("Retry-After");
  std::int64_t seconds = 0;
  if (!text ||
      std::from_chars(text->data(), text->data() + text->size(), seconds).ec != std::errc() ||
      seconds < 0) {
    return std::nullopt;
  }
  return std::min<core::seconds>(core::seconds(seconds), k_longest_retry_after);
}

}  // namespace

Task<Outcome> Delivery::send(Letter letter) {
  switch (letter.channel.kind) {
    case Kind::webhook:
      return send_webhook(std::move(letter));
    case Kind::email:
      return send_email(std::move(letter));
    case Kind::ntfy:
      break;
  }
  return send_ntfy(std::move(letter));
}

Task<Outcome> Delivery::post(net::ClientRequest request) {
  Outcome outcome;
  request.method = "POST";
  request.headers.add("User-Agent", "preloop");
  auto response = co_await d_.http.send(std::move(request), d_.clock.mono() + k_patience);
  if (!response) {
    outcome.error = core::printable(response.error().message, 200);
    co_return outcome;
  }
  const int status = (*response)->status();
  outcome.retry_after = retry_after_of((*response)->headers());
  // Read to its end, so that the connection can be used again; what it says is nobody's business.
  (void)co_await (*response)->read_all(k_most_answer);
  outcome.sent = status >= 200 && status < 300;
  if (!outcome.sent) {
    outcome.error = fmt::format("the other side answered {}", status);
    outcome.for_good = status < 500 && status != 408 && status != 425 && status != 429;
  }
  co_return outcome;
}

Task<Outcome> Delivery::send_webhook(Letter letter) {
  const auto settings = read_webhook(letter.channel.settings);
  const auto key = webhook_key(letter.channel.secret);
  const auto url = settings ? net::Url::parse(settings->url)
                            : core::Result<net::Url>(core::fail(core::Code::internal, ""));
  if (!settings || !key || !url) {
    co_return give_up("the webhook's settings cannot be read");
  }
  net::ClientRequest request;
  request.url = *url;
  request.body = webhook_body(letter.message, letter.ask ? &*letter.ask : nullptr, letter.links);
  const std::int64_t now = core::to_micros(d_.clock.wall()) / 1'000'000;
  const std::string id = letter.message.id.to_string();
  request.headers.add("Content-Type", "application/json");
  request.headers.add("webhook-id", id);
  request.headers.add("webhook-timestamp", std::to_string(now));
  request.headers.add("webhook-signature", webhook_signature(*key, id, now, request.body));
  co_return co_await post(std::move(request));
}

Task<Outcome> Delivery::send_ntfy(Letter letter) {
  const auto settings = read_ntfy(letter.channel.settings);
  const auto url = settings ? net::Url::parse(settings->url)
                            : core::Result<net::Url>(core::fail(core::Code::internal, ""));
  if (!settings || !url || !letter.device) {
    co_return give_up("the device is gone, or the settings cannot be read");
  }
  net::ClientRequest request;
  request.url = *url;
  const std::string sequence = letter.message.id.to_string();
  request.body = ntfy_body(
      letter.device->address, sequence, letter.ask ? &*letter.ask : nullptr, letter.links);
  request.headers.add("Content-Type", "application/json");
  if (!letter.channel.secret.empty()) {
    request.headers.add("Authorization", "Bearer " + letter.channel.secret.reveal());
  }
  Outcome outcome = co_await post(std::move(request));
  outcome.external = sequence;
  co_return outcome;
}

Task<Outcome> Delivery::send_email(Letter letter) {
  const auto settings = read_email(letter.channel.settings);
  if (!settings || !is_mailbox(letter.email)) {
    co_return give_up("the settings, or the person's address, cannot be used");
  }
  Mail mail = letter.ask ? approval_mail(*letter.ask, letter.links) : test_mail(d_.public_url);
  mail.from = settings->from;
  mail.to = letter.email;
  mail.date = letter.message.created_at;
  const std::string_view from = address_of(settings->from);
  mail.message_id =
      fmt::format("{}@{}", letter.message.id.to_string(), from.substr(from.find('@') + 1));
  net::SmtpServer server{.host = settings->host,
                         .port = settings->port,
                         .security = static_cast<net::SmtpServer::Security>(settings->security),
                         .user = settings->user,
                         .password = letter.channel.secret};
  net::SmtpMessage message{.from = std::string(from), .to = letter.email, .data = compose(mail)};
  const core::Status status =
      co_await d_.offload.run([server = std::move(server), message = std::move(message)] {
        return net::smtp_send(server, message, k_patience);
      });
  Outcome outcome;
  outcome.sent = status.has_value();
  if (!status) {
    outcome.error = core::printable(status.error().message, 200);
    outcome.for_good = status.error().code == core::Code::invalid_argument;
  }
  co_return outcome;
}

}  // namespace preloop::notify
