#pragma once
#include "app/client_file.h"
#include "app/wiring.h"

#include <string>

namespace preloop::app {

/// What a first start made, for the lines it prints.
struct FirstStart {
  bool is_first = false;
  std::string sign_in_url;      ///< empty when there is an owner
  std::string agent_key_shown;  ///< set when the key could not be written for the CLI
  std::string client_file;      ///< where it was written
};

/// On an empty data dir: the owner from PRELOOP_ADMIN_EMAIL and _PASSWORD if they are set, the
/// example server with its policy and an agent `example` with a key for the local CLI. While there
/// is no owner, every start makes a one-time set-up link. On a loop.
core::Task<core::Result<FirstStart>> first_start(Wiring& wiring,
                                                 const Config& config,
                                                 std::optional<PendingClientFile> client_file);

}  // namespace preloop::app
