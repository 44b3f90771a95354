#pragma once
#include "core/crypto.h"
#include "core/loop.h"
#include "core/offload.h"
#include "core/secret.h"
#include "events/feed.h"
#include "identity/principal.h"
#include "net/http_client.h"
#include "notify/decision_links.h"
#include "notify/delivery.h"
#include "notify/outbox.h"
#include "notify/settings.h"
#include "notify/subjects.h"
#include "store/database.h"

#include <string>

namespace preloop::notify {

/// The module's four parts, made in the order they need each other. Start and stop the outbox.
struct Notifier {
  struct Dependencies {
    core::Loop& owner;
    store::Database& database;
    events::Feed& feed;
    const identity::IdentitySnapshot& identity;
    Subjects& subjects;
    net::HttpClient& http;  ///< of `owner`
    core::Offload& offload;
    const core::Clock& clock;
    core::AccountId account;
    core::Secret key;  ///< 32 bytes; what is sealed and the tokens of links come from it
    std::string public_url;
  };
  explicit Notifier(const Dependencies& d)
      : settings({.database = d.database,
                  .identity = d.identity,
                  .clock = d.clock,
                  .account = d.account,
                  .key = core::hkdf_sha256(d.key, "preloop/v1/notification/seal", 32)}),
        links({.database = d.database,
               .subjects = d.subjects,
               .clock = d.clock,
               .account = d.account,
               .key = core::hkdf_sha256(d.key, "preloop/v1/notification/link", 32),
               .public_url = d.public_url}),
        delivery(
            {.http = d.http, .offload = d.offload, .clock = d.clock, .public_url = d.public_url}),
        outbox({.owner = d.owner,
                .database = d.database,
                .feed = d.feed,
                .identity = d.identity,
                .subjects = d.subjects,
                .settings = settings,
                .links = links,
                .delivery = delivery,
                .clock = d.clock,
                .account = d.account}) {}

  Settings settings;
  DecisionLinks links;
  Delivery delivery;
  Outbox outbox;
};

}  // namespace preloop::notify
