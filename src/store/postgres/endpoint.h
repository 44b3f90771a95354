#pragma once
#include "core/result.h"
#include "core/secret.h"

#include <string>
#include <string_view>
#include <vector>

namespace preloop::store::postgres {

/// One connection parameter of libpq. Any of them may be a secret, so all are handled as one.
struct Parameter {
  std::string keyword;
  core::Secret value;
};

/// Where the server is and how to sign in: a `postgresql://` URL (PostgreSQL manual 34.1.1.2),
/// taken apart. Nothing of it but describe() may be logged.
class Endpoint {
 public:
  /// invalid_argument with a message that repeats nothing of the URL.
  static core::Result<Endpoint> parse(const core::Secret& url);

  /// "host:port/database", for logs and messages.
  std::string describe() const;
  /// The parameters with every host name looked up (`hostaddr`), because libpq would block the loop
  /// for it. Blocks: call it off the loop. `unavailable` when no host can be found.
  core::Result<std::vector<Parameter>> resolve() const;
  /// `text` as long as it does not hold the password, else a phrase in its place.
  std::string scrub(std::string_view text) const;

 private:
  const std::string* find(std::string_view keyword) const;

  std::vector<Parameter> parameters_;
};

}  // namespace preloop::store::postgres
