#pragma once
#include "catalogue/catalogue.h"
#include "firewall/call_ledger.h"
#include "firewall/recorded_calls.h"
#include "identity/directory.h"
#include "policy/compiled.h"

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace preloop::firewall {

/// Calls that another policy decides otherwise, in one group by what decides them.
struct ReplayGroup {
  std::string server, tool;
  std::string before, after;  ///< actions
  std::string why;            ///< the deciding rule, or the cause
  std::size_t calls = 0;
  std::size_t agents = 0;  ///< how many made them
  std::string example;     ///< arguments of one of them, secrets masked
};

struct ReplayReport {
  std::size_t calls = 0;            ///< looked at
  std::size_t same = 0;             ///< decided as they were
  std::size_t changed = 0;          ///< in the groups
  std::size_t skipped = 0;          ///< their arguments are not there any more, or were masked
  std::vector<ReplayGroup> groups;  ///< the largest first
};

/// Recorded calls under a candidate policy, in the order they were made, with its own counting of
/// earlier calls. Tools are as they are now; one that is gone is decided by its name. Pure; one
/// thread.
class Replay {
 public:
  Replay(std::shared_ptr<const policy::CompiledPolicy> candidate,
         std::shared_ptr<const catalogue::Catalogue> catalogue,
         std::shared_ptr<const identity::Directory> directory);

  void add(const std::vector<RecordedCall>& calls);
  ReplayReport report() const;

 private:
  struct Group {
    std::size_t calls = 0;
    std::map<core::AgentId, std::size_t> agents;
    std::string example;
  };
  using Key = std::tuple<std::string, std::string, std::string, std::string, std::string>;

  void add(const RecordedCall& call);
  policy::Verdict decide(const RecordedCall& call, core::Json args);
  catalogue::ToolPtr tool_of(const std::string& server, const std::string& name);

  std::shared_ptr<const policy::CompiledPolicy> candidate_;
  std::shared_ptr<const catalogue::Catalogue> catalogue_;
  std::shared_ptr<const identity::Directory> directory_;
  std::map<std::pair<std::string, std::string>, catalogue::ToolPtr> tools_;
  CallLedger ledger_;
  std::size_t calls_ = 0, same_ = 0, skipped_ = 0;
  std::map<Key, Group> groups_;
};

}  // namespace preloop::firewall
