#pragma once
#include "core/result.h"
#include "core/secret.h"
#include "notify/texts.h"
#include "notify/types.h"

#include <string>
#include <string_view>

namespace preloop::notify {

// Standard Webhooks 1.0 (docs/formats/webhooks.md). Pure.

/// A new signing secret: "whsec_" and base64 of 24 random bytes.
core::Secret make_webhook_secret();
/// The bytes behind "whsec_"; invalid_argument for anything that is none of 24 to 64 bytes.
core::Result<core::Secret> webhook_key(const core::Secret& secret);

/// "v1," and base64 of HMAC-SHA256(key, "<id>.<timestamp>.<body>").
std::string webhook_signature(const core::Secret& key,
                              std::string_view id,
                              std::int64_t timestamp,
                              std::string_view body);

/// The body of an event. `ask` null: a test.
std::string webhook_body(const Message& message, const Ask* ask, const Links& links);

}  // namespace preloop::notify
