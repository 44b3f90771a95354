#pragma once
#include "core/loop.h"
#include "core/task_scope.h"
#include "net/testing/raw_client.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace preloop::net::testing {

/// A TCP server on 127.0.0.1 whose every connection is played by a script, for peers that behave
/// badly. One loop, which must be the caller's; `stop` before destroying.
class ScriptServer {
 public:
  /// Called with each connection and its number, from 0.
  using Script = std::function<core::Task<void>(RawClient&, int)>;
  ScriptServer(core::Loop& loop, Script script);
  ~ScriptServer();
  std::uint16_t port() const;
  int connections() const;
  core::Task<void> stop();

 private:
  struct State;
  static core::Task<void> accept(std::shared_ptr<State> state);
  static core::Task<void> play(std::shared_ptr<State> state, ByteStreamPtr stream, int number);
  std::shared_ptr<State> state_;
};

}  // namespace preloop::net::testing
