#include "api/contract.h"

#include "api/yaml_json.h"
#include "core/json.h"
#include "identity/permission.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace preloop::api {
namespace {

core::Result<Contract> load(std::string_view yaml) {
  PRELOOP_TRY(std::string json, yaml_to_json(yaml));
  return Contract::load(std::move(json));
}

TEST_CASE("the contract loads, and every operation says who may call it") {
  const auto contract = Contract::load();
  REQUIRE_MESSAGE(contract, contract.error().message);
  CHECK(contract->operations.size() > 60);
  std::set<std::string> ids;
  for (const Operation& operation : contract->operations) {
    CHECK_MESSAGE(ids.insert(operation.id).second, operation.id);
    // Whoever changes something with the rights of others is somebody.
    if (operation.if_match || operation.repeat != Repeat::none) {
      CHECK_MESSAGE(operation.access != Access::anybody, operation.id);
    }
  }
}

TEST_CASE("x-roles repeats what the permission table says") {
  const auto contract = Contract::load();
  REQUIRE(contract);
  const auto document = core::JsonDocument::parse(contract->json);
  REQUIRE(document);
  for (const core::JsonMember& path : document->root()["paths"].members()) {
    for (const core::JsonMember& method : path.value().members()) {
      const core::Json operation = method.value();
      const std::string name(operation["x-permission"].as_string().value_or(""));
      const auto permission = identity::parse_permission(name);
      std::set<std::string> expected;
      for (const identity::Role role : {identity::Role::viewer,
                                        identity::Role::member,
                                        identity::Role::approver,
                                        identity::Role::admin,
                                        identity::Role::owner}) {
        if (name != "public" && (!permission || identity::role_may(role, *permission))) {
          expected.emplace(identity::to_string(role));
        }
      }
      std::set<std::string> said;
      for (const core::JsonNode& role : operation["x-roles"].elements()) {
        said.emplace(core::Json(&role).as_string().value_or(""));
      }
      CHECK_MESSAGE(said == expected, path.key << " " << method.key);
      CHECK_MESSAGE((name == "public") == operation["security"].is_array(), path.key);
    }
  }
}

TEST_CASE("what changes something needs more than the right to read") {
  const auto contract = Contract::load();
  REQUIRE(contract);
  // These only compute.
  const std::set<std::string> harmless = {"validate_policy",
                                          "diff_policy",
                                          "test_policy",
                                          "explain_policy",
                                          "replay_policy",
                                          "check_condition",
                                          "draft_access_rules"};
  // For who has no credential yet; each has a secret of its own to show.
  const std::set<std::string> open = {"show_link",
                                      "set_up",
                                      "reset_password",
                                      "sign_in",
                                      "start_login",
                                      "poll_login",
                                      "show_notification_link",
                                      "decide_notification_link"};
  for (const Operation& operation : contract->operations) {
    if (operation.method == "GET" || harmless.contains(operation.id)) {
      continue;
    }
    CHECK_MESSAGE((operation.access == Access::anybody) == open.contains(operation.id),
                  operation.id);
    if (operation.access == Access::permission) {
      const identity::PermissionRow& row = identity::row_of(operation.permission);
      CHECK_MESSAGE((row.scope && *row.scope != identity::Scope::read), operation.id);
    }
  }
}

TEST_CASE("a contract with a word nobody knows is refused") {
  CHECK_FALSE(load("paths: {/x: {get: {operationId: x, x-permission: everybody}}}"));
  CHECK_FALSE(load("paths: {/x: {fetch: {operationId: x, x-permission: read}}}"));
  CHECK_FALSE(load("paths: {/x: {get: {x-permission: read}}}"));
  CHECK(load("paths: {/x: {get: {operationId: x, x-permission: read}}}"));
}

TEST_CASE("YAML becomes JSON by the core schema") {
  CHECK(yaml_to_json("{a: 1, b: '1', c: [true, null, 1.5, text]}").value() ==
        R"({"a":1,"b":"1","c":[true,null,1.5,"text"]})");
}

}  // namespace
}  // namespace preloop::api
