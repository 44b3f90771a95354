#include "net/testing/script_server.h"

#include "net/tcp.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace preloop::net::testing {
namespace asio = boost::asio;
using asio::ip::tcp;

struct ScriptServer::State {
  State(core::Loop& loop, Script what)
      : script(std::move(what)),
        acceptor(loop.executor(), tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)),
        scope(loop.executor()) {}
  Script script;
  tcp::acceptor acceptor;
  core::TaskScope scope;
  int connections = 0;
};

ScriptServer::ScriptServer(core::Loop& loop, Script script)
    : state_(std::make_shared<State>(loop, std::move(script))) {
  state_->scope.spawn("script: accept", accept(state_));
}
ScriptServer::~ScriptServer() = default;

core::Task<void> ScriptServer::accept(std::shared_ptr<State> state) {
  while (true) {
    auto [error, socket] =
        co_await state->acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
    if (error) {
      co_return;
    }
    state->scope.spawn("script",
                       play(state, make_tcp_stream(std::move(socket)), state->connections++));
  }
}

core::Task<void> ScriptServer::play(std::shared_ptr<State> state,
                                    ByteStreamPtr stream,
                                    int number) {
  RawClient peer(std::move(stream));
  co_await state->script(peer, number);
}

std::uint16_t ScriptServer::port() const {
  return state_->acceptor.local_endpoint().port();
}
int ScriptServer::connections() const {
  return state_->connections;
}
core::Task<void> ScriptServer::stop() {
  return state_->scope.stop();
}

}  // namespace preloop::net::testing
