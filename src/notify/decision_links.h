#pragma once
#include "core/clock.h"
#include "core/result.h"
#include "core/secret.h"
#include "core/task.h"
#include "identity/rate_limit.h"
#include "notify/outbox_repo.h"
#include "notify/subjects.h"
#include "notify/texts.h"
#include "notify/types.h"

#include <mutex>
#include <string>

namespace preloop::notify {

/// Links and buttons that let one person decide one request once, without signing in. A token is
/// derived from its message, so that a repeated try sends the same one; stored is its hash only. It
/// stands in the fragment of the page's address, which no mail scanner sends to us, and the page
/// decides by POST. Any loop.
class DecisionLinks {
 public:
  struct Dependencies {
    store::Database& database;
    Subjects& subjects;
    const core::Clock& clock;
    core::AccountId account;
    core::Secret key;  ///< 32 bytes, tokens are derived from it
    std::string public_url;
  };
  explicit DecisionLinks(Dependencies dependencies)
      : d_(std::move(dependencies)), repo_(d_.database) {}

  /// What the message may link to; stores the hash first.
  core::Task<core::Result<Links>> make(const Message& message, const Ask& ask);
  /// The page without a token.
  Links plain(const std::optional<core::ApprovalId>& request) const;

  struct Shown {
    core::ApprovalId request;
    core::PersonId person;
    bool used = false;
  };
  /// not_found for a token that we never gave out or forgot; resource_exhausted for a network that
  /// tries too many.
  core::Task<core::Result<Shown>> show(std::string token, std::string address);
  /// Uses the link up and votes as its person; what the vote was refused for is recorded and leaves
  /// the link as it was only where the person can do something about it (a missing reason).
  core::Task<core::Result<core::ApprovalId>> decide(std::string token,
                                                    bool approve,
                                                    std::string comment,
                                                    std::string address);

  core::Task<core::Status> purge();

 private:
  core::Status admit(const std::string& address);
  core::Task<core::Result<LinkRow>> find(const std::string& token, const std::string& address);
  core::Task<void> record_refusal(LinkRow link, std::string address, std::string why);

  Dependencies d_;
  OutboxRepo repo_;
  std::mutex mutex_;  ///< of the limiter alone: links are opened on every loop
  identity::RateLimiter per_network_{{.burst = 30, .refill = core::milliseconds(1000)}};
};

}  // namespace preloop::notify
