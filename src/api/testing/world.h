#pragma once
#include "api/api.h"
#include "api/contract.h"
#include "api/router.h"
#include "approvals/notices.h"
#include "core/json.h"
#include "core/testing/fake_clock.h"
#include "core/testing/run.h"
#include "net/http.h"
#include "store/testing/temp_dir.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace preloop::api::testing {

/// Takes what a handler answers. `wait_for` blocks the test's thread until a stream has brought a
/// text, or has ended.
class Recorder final : public net::Responder {
 public:
  core::Task<core::Status> send(net::Response response) override;
  core::Task<core::Status> start_stream(net::Response head) override;
  core::Task<core::Status> write(std::string_view bytes) override;
  core::Task<core::Status> finish() override;
  bool started() const override;

  net::Response response() const;
  std::string streamed() const;
  bool wait_for(std::string_view text) const;
  bool wait_for_end() const;

 private:
  struct State;
  std::shared_ptr<State> state_ = make_state();
  static std::shared_ptr<State> make_state();
};

/// What a request shows: nothing, a session's two halves, or a key.
struct Credential {
  std::string cookie;
  std::string half;
  std::string key;
};

/// An answer, with its body parsed when it is JSON.
struct Answer {
  int status = 0;
  net::Headers headers;
  std::string body;
  core::JsonDocument document;

  core::Json json() const { return document.root(); }
  std::string text(std::string_view name) const {
    return std::string(json()[name].as_string().value_or(""));
  }
  std::string etag() const { return std::string(headers.get("ETag").value_or("")); }
};

struct Ask {
  std::string method;
  std::string target;  ///< below /api/v1, with the query
  std::string body;    ///< JSON unless `type` says otherwise
  std::vector<std::pair<std::string, std::string>> headers;
  std::string type = "application/json";
  /// Ends a stream as soon as it has begun.
  enum class Client : std::uint8_t { stays, is_gone } client = Client::stays;
};

/// The whole server below HTTP on a new SQLite database, with a person and a session for each role.
/// Every answer is checked against contracts/openapi.yaml.
class World {
 public:
  World();
  ~World();

  Answer ask(const Credential& who, const Ask& ask);
  /// The same without waiting: for streams.
  struct Open {
    std::shared_ptr<Recorder> recorder;
    std::shared_ptr<core::CancelToken> client;
  };
  Open open(const Credential& who, const Ask& ask);

  /// A new session of the person with this role, signed in just now.
  Credential session(identity::Role role);
  Credential operator_key(identity::Role role, identity::ScopeSet scopes);
  Credential agent_key();
  const identity::Person& person(identity::Role role) const { return people_.at(role); }
  const identity::Agent& agent() const { return *agent_; }

  template <class T>
  T run(core::Task<T> task) {
    return core::testing::run_on(loops.at(0), std::move(task));
  }
  /// A server "bank" over HTTP that listed `pay` and `get_balance`.
  core::ServerId add_bank();
  core::ApprovalId add_request(std::string arguments);

  store::testing::TempDir folder;
  core::testing::FakeClock clock;
  core::LoopPool loops{2};
  core::Offload offload{2};
  core::AccountId account;
  Contract contract;
  std::vector<core::ServerId> scanned;
  bool allow_stdio = true;

  struct Parts;
  std::unique_ptr<Parts> parts;

 private:
  core::Task<core::Status> build();
  void check_contract(const Operation& operation, const Answer& answer);
  net::Request request_of(const Credential& who, const Ask& ask) const;

  Router router_;
  std::map<identity::Role, identity::Person> people_;
  std::optional<identity::Agent> agent_;
  std::map<std::string, std::optional<schema::Schema>> schemas_;
};

struct World::Parts {
  std::unique_ptr<store::Database> database;
  std::unique_ptr<audit::PayloadCipher> cipher;
  std::unique_ptr<audit::AuditRepo> audit;
  std::unique_ptr<audit::SigningKey> signing_key;
  std::unique_ptr<audit::ChainSealer> sealer;
  std::unique_ptr<secrets::SecretStore> secrets;
  std::unique_ptr<identity::Registry> registry;
  std::unique_ptr<identity::PasswordHasher> hasher;
  std::unique_ptr<identity::Management> management;
  std::unique_ptr<identity::SignIn> sign_in;
  std::unique_ptr<identity::Links> links;
  std::unique_ptr<identity::CliLogin> cli_login;
  std::unique_ptr<identity::KeyUsage> key_usage;
  std::unique_ptr<identity::RuntimeSessions> runtime_sessions;
  std::unique_ptr<catalogue::CatalogueService> catalogue;
  std::unique_ptr<policy::PolicyService> policy;
  std::unique_ptr<approvals::ApprovalService> approvals;
  std::unique_ptr<events::Feed> feed;
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<approvals::Notices> notices;
  std::unique_ptr<notify::Notifier> notifier;
  std::unique_ptr<Api> api;
};

}  // namespace preloop::api::testing
