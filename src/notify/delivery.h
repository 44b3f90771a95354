#pragma once
#include "core/clock.h"
#include "core/offload.h"
#include "core/result.h"
#include "core/task.h"
#include "net/http_client.h"
#include "notify/texts.h"
#include "notify/types.h"

#include <optional>
#include <string>

namespace preloop::notify {

/// How one try ended.
struct Outcome {
  bool sent = false;
  bool for_good = false;  ///< trying again would not help
  std::string external;   ///< the message's name at the other side, when it can be changed later
  std::string error;      ///< one line; never the other side's own words
  std::optional<core::milliseconds> retry_after;  ///< as the other side asked
};

/// Puts one message on the wire of its channel. Knows no outbox. One loop, that of `http`.
class Delivery {
 public:
  struct Dependencies {
    net::HttpClient& http;
    core::Offload& offload;
    const core::Clock& clock;
    std::string public_url;
  };
  explicit Delivery(Dependencies dependencies) : d_(std::move(dependencies)) {}

  struct Letter {
    Message message;
    Channel channel;
    std::optional<Device> device;
    std::optional<Ask> ask;  ///< none: a test
    std::string email;       ///< the person's address
    Links links;
  };
  /// Ends within half a minute.
  core::Task<Outcome> send(Letter letter);

 private:
  core::Task<Outcome> send_webhook(Letter letter);
  core::Task<Outcome> send_email(Letter letter);
  core::Task<Outcome> send_ntfy(Letter letter);
  core::Task<Outcome> post(net::ClientRequest request);

  Dependencies d_;
};

}  // namespace preloop::notify
