#pragma once
#include "notify/settings.h"
#include "notify/types.h"

#include <vector>

namespace preloop::notify {

/// Which messages a request in this state should have, with the same `dedupe` each time it is
/// asked: inserting them again does nothing. Pure but for the new ids.
///
/// A request that is open: one message a person, channel and device, at the person's pace, for
/// everybody who is asked. Webhooks: one when it was created and one when it was decided; none of a
/// request that is older than the webhook.
std::vector<Message> plan(const Ask& ask, const Routes& routes, core::WallTime now);

/// The message that somebody asks for to see whether it arrives.
Message test_message(const Channel& channel,
                     std::optional<core::PersonId> person,
                     std::optional<DeviceId> device,
                     core::WallTime now);

}  // namespace preloop::notify
