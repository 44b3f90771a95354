#pragma once
#include "firewall/call_record.h"
#include "firewall/firewall.h"

#include <string>
#include <string_view>

namespace preloop::firewall {

/// What came of sending a call: `json` is the upstream's object, else `text` is for the agent.
struct Answer {
  Outcome outcome = Outcome::unknown;
  std::string json;
  std::string text;
  const std::string& json_or_text() const { return json.empty() ? text : json; }
};

/// The only maker of Permits: whoever holds one has a recorded verdict. Made right before the call
/// leaves, gone right after.
class Dispatch {
 public:
  Dispatch(const Firewall::Dependencies& services,
           const CallIdentity& identity,
           const policy::Verdict& verdict)
      : services_(services), identity_(identity), permit_(identity.call.id, verdict) {}

  /// `params_text` is what the client sent; only the tool's name in it is replaced by the server's
  /// own. Notifications are masked as results are. Never fails: an error is an outcome.
  core::Task<Answer> send(const catalogue::Tool& tool,
                          std::string_view params_text,
                          CallObserver& observer,
                          const ClientSide& client,
                          const core::CallContext& context);

 private:
  void notify(CallObserver& observer, std::string_view json) const;
  void ask(CallObserver& observer, ServerRequest request) const;

  const Firewall::Dependencies& services_;
  const CallIdentity& identity_;
  Permit permit_;
};

}  // namespace preloop::firewall
