#pragma once
#include "audit/types.h"
#include "notify/types.h"
#include "store/database.h"

#include <string_view>

namespace preloop::notify {

// What the record says about messages.

/// notification.sent or notification.failed, by the message's state.
store::Draft delivery_draft(const Message& message,
                            const Channel& channel,
                            std::string_view person);
/// approval.refused: somebody tried to decide through a channel and was not let.
store::Draft refused_draft(core::AccountId account,
                           const std::optional<core::ApprovalId>& request,
                           const std::optional<core::PersonId>& person,
                           Kind kind,
                           std::string_view address,
                           std::string_view why);

}  // namespace preloop::notify
