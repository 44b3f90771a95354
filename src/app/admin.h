#pragma once
#include "app/foundation.h"
#include "core/json.h"
#include "core/result.h"
#include "core/task.h"

#include <functional>
#include <string>

namespace preloop::app {

/// What `preloop admin` can ask of whoever holds the data dir: the running server through
/// admin.sock, or the command itself when none runs. The right to be here is the data dir's.
///
/// Requests and answers are one JSON object each:
///   {"command":"user.create","email":…,"name":…,"role":…,"password":…}   → {"id","email","role"}
///   {"command":"user.setup_link"}, {"command":"user.reset","email":…}     → {"url","expires_at"}
///   {"command":"key.create","class":"agent"|"operator","name":…,"agent":…,"scopes":…,"person":…}
///                                                                 → {"id","key","class","name"}
///   {"command":"key.revoke","id":…}, {"command":"backup","path":…},
///   {"command":"master_key.rotate","next_key_file":…}, {"command":"status"}
///   {"command":"server.add","config":{…}}, {"command":"policy.apply","document":"…"}: also
///   commands on this machine, which no key may set (decision 36); only while the server runs
class Admin {
 public:
  /// What only a running server can do; answers are JSON.
  struct Hooks {
    std::function<core::Task<core::Result<std::string>>(core::Json config)> add_server;
    std::function<core::Task<core::Result<std::string>>(std::string document, bool prune)>
        apply_policy;
  };
  Admin(Foundation& foundation, std::string public_url, Hooks hooks = {})
      : foundation_(foundation), public_url_(std::move(public_url)), hooks_(std::move(hooks)) {}

  /// invalid_argument for an unknown command or member; everything is recorded as done by `admin`.
  core::Task<core::Result<std::string>> run(core::Json request);

 private:
  core::Task<core::Result<std::string>> create_user(core::Json request);
  core::Task<core::Result<std::string>> make_link(core::Json request, bool reset);
  core::Task<core::Result<std::string>> create_key(core::Json request);
  core::Task<core::Result<std::string>> revoke_key(core::Json request);
  core::Task<core::Result<std::string>> backup(core::Json request);
  core::Task<core::Result<std::string>> rotate_master_key(core::Json request);
  core::Task<core::Result<std::string>> status();
  core::Task<core::Result<core::AgentId>> agent_named(std::string name);
  core::Result<core::PersonId> person_named(const std::string& email) const;

  Foundation& foundation_;
  std::string public_url_;
  Hooks hooks_;
};

/// Makes an agent of that name when there is none, and an agent key for it.
core::Task<core::Result<identity::IssuedKey>> create_agent_key(Foundation& foundation,
                                                               identity::Actor by,
                                                               std::string agent,
                                                               std::string key_name);

}  // namespace preloop::app
