#pragma once
#include "catalogue/types.h"
#include "core/result.h"
#include "core/secret.h"
#include "core/task.h"
#include "mcp/http_upstream.h"
#include "net/child_process.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace preloop::mcp {

/// The value of a secret by its name; `app` gives it the secret store.
using ResolveSecret = std::function<core::Task<core::Result<core::Secret>>(std::string name)>;

/// What every stdio server is started with, besides what its configuration says.
struct ChildDefaults {
  /// PATH and HOME, in practice: programs are found, package runners keep their caches. The
  /// server's own `env` wins. Nothing else of our environment reaches a child.
  std::map<std::string, std::string> environment;
  std::string guard_binary;
};

struct ChildTarget {
  net::ChildOptions options;
  /// The secrets in its environment, so that they can be masked in what it says.
  std::vector<core::Secret> secrets;
};

/// How to start it; values "secret:NAME" replaced by what the secret store holds, now. `not_found`
/// with the secret's name.
core::Task<core::Result<ChildTarget>> child_target(const catalogue::ServerConfig& config,
                                                   const ChildDefaults& defaults,
                                                   const ResolveSecret& resolve);
core::Task<core::Result<HttpTarget>> http_target(const catalogue::ServerConfig& config,
                                                 const ResolveSecret& resolve);

}  // namespace preloop::mcp
