#pragma once
#include "api/contract.h"
#include "api/dependencies.h"
#include "audit/types.h"
#include "core/call_context.h"
#include "core/json.h"
#include "core/result.h"
#include "core/task.h"
#include "identity/principal.h"
#include "net/http.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace preloop::api {

/// One request that may go on: its operation was found, who asks was allowed, its body fits the
/// contract. Lives until the handler's task ends.
struct Call {
  const Dependencies& services;
  const Operation& operation;
  const Contract& contract;
  const net::Request& request;
  const core::CallContext& context;
  std::optional<identity::Principal> principal;  ///< none only where anybody may
  std::vector<std::pair<std::string, std::string>> path;
  std::vector<std::pair<std::string, std::string>> query;
  core::JsonDocument document;           ///< the JSON body; an empty object when there was none
  std::optional<std::string> yaml;       ///< the body when it came as YAML
  std::optional<std::int64_t> revision;  ///< of If-Match; none for `*`

  core::Json body() const { return document.root(); }
  /// A string member of the body; empty when absent.
  std::string text(std::string_view name) const;
  std::optional<std::string> optional_text(std::string_view name) const;
  core::Secret secret(std::string_view name) const { return core::Secret(text(name)); }

  /// A path parameter; not_found when it cannot be an id: nothing has it.
  template <class IdType>
  core::Result<IdType> id() const {
    const auto parsed = IdType::parse(path_parameter("id"));
    if (!parsed) {
      return core::fail(core::Code::not_found, "there is nothing with this id");
    }
    return *parsed;
  }
  std::string_view path_parameter(std::string_view name) const;
  std::optional<std::string_view> query_parameter(std::string_view name) const;
  /// invalid_argument naming the parameter when it is there and unreadable.
  core::Result<std::optional<std::int64_t>> query_integer(std::string_view name) const;
  core::Result<std::optional<core::WallTime>> query_time(std::string_view name) const;
  template <class IdType>
  core::Result<std::optional<IdType>> query_id(std::string_view name) const {
    const auto given = query_parameter(name);
    if (!given) {
      return std::optional<IdType>();
    }
    const auto parsed = IdType::parse(*given);
    if (!parsed) {
      return core::fail(
          core::Code::invalid_argument, "not an id", {{std::string(name), "must be a UUID"}});
    }
    return std::optional<IdType>(*parsed);
  }
  /// `limit`, 1 to 200, 50 unless given.
  core::Result<std::size_t> limit() const;

  core::WallTime now() const { return services.clock.wall(); }
  std::shared_ptr<const identity::Directory> directory() const {
    return services.registry.snapshot().read().value;
  }
  /// Of a person or an operator key; only where somebody must be signed in.
  identity::Actor actor() const;
  audit::Actor audit_actor() const;
  const identity::PersonPrincipal& person() const {
    return std::get<identity::PersonPrincipal>(*principal);
  }
  core::Status authorize(identity::Permission permission) const {
    return identity::authorize(*principal, permission, now());
  }
  bool may(identity::Permission permission) const {
    return principal && identity::may(*principal, permission);
  }
  identity::Visitor visitor() const;
  identity::Transport transport() const;
};

/// Answers one operation. `call` lives until the task ends.
using Handler = core::Task<core::Result<net::Response>> (*)(Call& call);
/// Answers by itself: exports and the live stream. An error before it began becomes a problem.
using StreamHandler = core::Task<core::Status> (*)(Call& call, net::Responder& responder);

struct Route {
  std::string_view operation;  ///< operationId in the contract
  Handler handler = nullptr;
  StreamHandler stream = nullptr;
};

// Answers.
net::Response reply(int status, std::string json);
net::Response done();  ///< 204
/// With the revision as ETag.
net::Response reply_revision(int status, std::int64_t revision, std::string json);

// Keyset pages: a cursor is what the next page begins behind, bound to its operation and signed, so
// that nobody makes one (decision 38).
std::string make_cursor(const Call& call, std::string_view place);
/// The place; nullopt without a cursor; invalid_argument for one we did not make for this
/// operation.
core::Result<std::optional<std::string>> read_cursor(const Call& call);

}  // namespace preloop::api
