#pragma once
#include "notify/texts.h"
#include "notify/types.h"

#include <string>
#include <string_view>

namespace preloop::notify {

/// The JSON that is posted to an ntfy server's root (docs.ntfy.sh, "publish as JSON"). `ask` null:
/// a test. `sequence` names the message, so that a later one with the same name replaces it. Pure.
std::string ntfy_body(std::string_view topic,
                      std::string_view sequence,
                      const Ask* ask,
                      const Links& links);

/// 1 to 64 letters, digits, `_` or `-`. A topic is a password: whoever knows it reads and, here,
/// decides.
bool is_topic(std::string_view topic);
/// A topic nobody can guess.
std::string make_topic();

}  // namespace preloop::notify
