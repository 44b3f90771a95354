#include "mcp/upstream_target.h"

#include "catalogue/variables.h"

#include <fmt/format.h>

namespace preloop::mcp {
namespace {

using core::Code;
using core::fail;
using core::Task;

constexpr std::string_view k_secret = "secret:";

Task<core::Result<std::string>> value_of(const std::string& configured,
                                         const ResolveSecret& resolve) {
  if (!configured.starts_with(k_secret)) {
    co_return catalogue::expand_variables(configured, catalogue::environment_variable);
  }
  const std::string name = configured.substr(k_secret.size());
  auto secret = co_await resolve(name);
  if (!secret) {
    co_return secret.error().code == Code::not_found
        ? fail(Code::not_found,
               fmt::format("there is no secret '{}': preloop secrets set {}", name, name))
        : std::unexpected(std::move(secret).error());
  }
  co_return secret->reveal();
}

}  // namespace

Task<core::Result<ChildTarget>> child_target(const catalogue::ServerConfig& config,
                                             const ChildDefaults& defaults,
                                             const ResolveSecret& resolve) {
  ChildTarget target;
  net::ChildOptions& options = target.options;
  options.command = config.command;
  options.arguments = config.args;
  options.environment = defaults.environment;
  options.guard_binary = defaults.guard_binary;
  for (const auto& [name, configured] : config.env) {
    PRELOOP_CO_TRY(options.environment[name], co_await value_of(configured, resolve));
    if (configured.starts_with(k_secret) || options.environment[name] != configured) {
      target.secrets.emplace_back(options.environment[name]);
    }
  }
  co_return target;
}

Task<core::Result<HttpTarget>> http_target(const catalogue::ServerConfig& config,
                                           const ResolveSecret& resolve) {
  HttpTarget target;
  PRELOOP_CO_TRY(const std::string url,
                 catalogue::expand_variables(config.url, catalogue::environment_variable));
  PRELOOP_CO_TRY(target.url, net::Url::parse(url));
  for (const auto& [name, configured] : config.headers) {
    PRELOOP_CO_TRY(const std::string value, co_await value_of(configured, resolve));
    target.headers.add(name, value);
  }
  if (!config.bearer_token.empty()) {
    PRELOOP_CO_TRY(const std::string token, co_await value_of(config.bearer_token, resolve));
    target.headers.set("Authorization", "Bearer " + token);
  }
  co_return target;
}

}  // namespace preloop::mcp
