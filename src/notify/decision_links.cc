#include "notify/decision_links.h"

#include "core/crypto.h"
#include "core/log.h"
#include "core/text.h"
#include "notify/record.h"

#include <fmt/format.h>

namespace preloop::notify {
namespace {

using core::Code;
using core::fail;
using core::Task;

constexpr std::size_t k_token_size = 43;

}  // namespace

Links DecisionLinks::plain(const std::optional<core::ApprovalId>& request) const {
  Links links;
  links.open =
      request ? fmt::format("{}/approval/{}", d_.public_url, request->to_string()) : d_.public_url;
  return links;
}

Task<core::Result<Links>> DecisionLinks::make(const Message& message, const Ask& ask) {
  Links links = plain(message.request);
  if (!message.person) {
    co_return links;
  }
  links.token =
      core::to_base64url(core::as_bytes(core::hmac_sha256(d_.key.reveal(), message.id.as_bytes())));
  LinkRow link{.request = ask.id,
               .person = *message.person,
               .kind = message.kind,
               .expires_at = ask.expires_at,
               .used_at = {}};
  store::Unit unit;
  unit.add(OutboxRepo::insert_link(d_.account, core::sha256(links.token), link, d_.clock.wall()));
  PRELOOP_CO_CHECK(co_await d_.database.commit(std::move(unit), store::Durability::standard));
  links.open += "#link=" + links.token;
  links.approve = links.open + "&decision=approve";
  links.decline = links.open + "&decision=decline";
  links.decide = d_.public_url + "/api/v1/notification-links/decide";
  co_return links;
}

core::Status DecisionLinks::admit(const std::string& address) {
  const std::lock_guard lock(mutex_);
  return per_network_.take(identity::network_of(address), d_.clock.mono());
}

Task<core::Result<LinkRow>> DecisionLinks::find(const std::string& token,
                                                const std::string& address) {
  PRELOOP_CO_CHECK(admit(address));
  if (token.size() == k_token_size) {
    PRELOOP_CO_TRY(const auto found, co_await repo_.find_link(d_.account, core::sha256(token)));
    if (found) {
      co_return *found;
    }
  }
  co_return fail(Code::not_found, "this link is not one of ours, or it is too old");
}

Task<core::Result<DecisionLinks::Shown>> DecisionLinks::show(std::string token,
                                                             std::string address) {
  PRELOOP_CO_TRY(const LinkRow link, co_await find(token, address));
  co_return Shown{link.request, link.person, link.used_at.has_value()};
}

Task<core::Result<core::ApprovalId>> DecisionLinks::decide(std::string token,
                                                           bool approve,
                                                           std::string comment,
                                                           std::string address) {
  PRELOOP_CO_TRY(const LinkRow link, co_await find(token, address));
  const core::Digest hash = core::sha256(token);
  store::Unit use;
  use.guard = store::Unit::Guard{OutboxRepo::use_link(d_.account, hash, d_.clock.wall())};
  if (const auto used = co_await d_.database.commit(std::move(use), store::Durability::strict);
      !used) {
    if (used.error().code != Code::aborted) {
      co_return std::unexpected(used.error());
    }
    const bool is_used = link.used_at.has_value() || link.expires_at > d_.clock.wall();
    co_await record_refusal(
        link, address, is_used ? "the link was used before" : "the link has expired");
    co_return fail(Code::failed_precondition,
                   is_used ? "this link was used already" : "this link has expired");
  }
  const core::Status voted = co_await d_.subjects.decide(
      d_.account, link.person, link.request, approve, std::move(comment), link.kind);
  if (voted) {
    co_return link.request;
  }
  co_await record_refusal(link, address, voted.error().message);
  const Code code = voted.error().code;
  if (code == Code::invalid_argument || code == Code::unavailable ||
      code == Code::resource_exhausted) {
    store::Unit back;
    back.add(OutboxRepo::release_link(d_.account, hash));
    PRELOOP_CO_CHECK(co_await d_.database.commit(std::move(back), store::Durability::strict));
  }
  co_return std::unexpected(voted.error());
}

Task<void> DecisionLinks::record_refusal(LinkRow link, std::string address, std::string why) {
  store::Unit unit;
  unit.drafts.push_back(
      refused_draft(d_.account, link.request, link.person, link.kind, address, why));
  if (const auto kept = co_await d_.database.commit(std::move(unit), store::Durability::standard);
      !kept) {
    core::log::warn("a refused decision could not be recorded", {{"error", kept.error().message}});
  }
}

Task<core::Status> DecisionLinks::purge() {
  store::Unit unit;
  unit.add(OutboxRepo::purge_links(d_.account, d_.clock.wall() - core::seconds(30 * 24 * 3600)));
  co_return co_await d_.database.commit(std::move(unit), store::Durability::standard);
}

}  // namespace preloop::notify
