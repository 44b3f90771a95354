#pragma once
#include "approvals/service.h"
#include "core/testing/fake_clock.h"
#include "core/testing/run.h"
#include "firewall/firewall.h"
#include "identity/directory.h"
#include "mcp/endpoint.h"
#include "store/testing/temp_dir.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::mcp::testing {

/// An upstream in this process: "slow" reports progress once and then waits for `release` or its
/// cancellation, "fails" answers a JSON-RPC error, "asks" has the client fill a form, everything
/// else echoes the params it was sent.
class EchoUpstream final : public firewall::Upstream {
 public:
  core::Task<core::Result<firewall::UpstreamAnswer>> call_tool(
      const firewall::Permit& permit,
      const catalogue::Tool& tool,
      std::string params,
      std::function<void(std::string_view)> on_notification,
      std::function<void(firewall::ServerRequest)> on_request,
      const firewall::ClientSide& client,
      const core::CallContext& context) override;
  /// Lets every waiting "slow" go, also those that come.
  void release();
  std::vector<std::string> seen() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> seen_;
  bool is_released_ = false;
  std::vector<std::function<void()>> waiting_;
};

/// The endpoint with the real firewall, approvals and store (SQLite) behind it, two loops, a clock
/// that tests move, and clients that speak HTTP to it over memory streams. Server "bank" has the
/// resource test://a, the prompt greet and the tools pay, get_balance, slow and fails; pay over 100
/// waits for a person, over 1000 is denied.
class EndpointWorld {
 public:
  explicit EndpointWorld(McpEndpoint::Options options = {});
  ~EndpointWorld();

  core::Loop& loop(std::size_t index) { return loops_.at(index); }
  template <class T>
  T run(core::Task<T> task, std::size_t on = 0) {
    return core::testing::run_on(loops_.at(on), std::move(task));
  }
  void sweep();   ///< on every loop
  void settle();  ///< until every loop has done what was posted to it

  /// The only pending request.
  core::ApprovalId pending();
  void decide(core::ApprovalId id, approvals::Decision decision);
  approvals::State state(core::ApprovalId id);
  /// As identity does: the directory first, then the listener.
  void revoke_agent_key();
  void publish_tools(const std::vector<std::string>& names);
  core::ServerId server() const { return server_; }

  core::testing::FakeClock clock;
  EchoUpstream upstream;
  core::AccountId account;
  core::AgentId agent;
  core::PersonId ana;
  std::string agent_key, second_key, operator_key;
  std::unique_ptr<McpEndpoint> endpoint;
  std::atomic<int> touches = 0;

 private:
  std::shared_ptr<const catalogue::Catalogue> catalogue_of(const std::vector<std::string>& names);

  core::LoopPool loops_{2};
  core::Offload offload_{1};
  store::testing::TempDir folder_;
  std::unique_ptr<store::Database> database_;
  struct Record;
  std::unique_ptr<Record> record_;
  identity::Directory::Contents contents_;
  core::ServerId server_;
  std::unique_ptr<identity::IdentitySnapshot> identity_;
  std::unique_ptr<catalogue::CatalogueSnapshot> catalogue_;
  std::unique_ptr<policy::PolicySnapshot> policy_;
  std::unique_ptr<approvals::ApprovalService> approvals_;
  audit::PayloadCipher cipher_{core::Secret(core::random_bytes(32))};
  std::unique_ptr<audit::AuditRepo> audit_;
  std::unique_ptr<firewall::CallCounter> counter_;
  std::unique_ptr<firewall::Firewall> firewall_;
};

}  // namespace preloop::mcp::testing
