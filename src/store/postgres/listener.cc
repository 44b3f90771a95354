#include "store/postgres/listener.h"

#include "core/log.h"
#include "core/wakeup.h"

#include <utility>

namespace preloop::store::postgres {

core::Task<void> listen(std::unique_ptr<Connection> first,
                        Connector& connector,
                        const CommitListener& listener,
                        std::string node) {
  std::unique_ptr<Connection> connection = std::move(first);
  BackOff back_off;
  while (!co_await core::is_cancelled()) {
    if (!connection) {
      auto opened = co_await connector.connect(Role::listener);
      if (!opened) {
        core::log::debug("not listening for other nodes", {{"problem", opened.error().message}});
        co_await core::sleep_until(back_off.next());
        continue;
      }
      connection = std::move(*opened);
      back_off.reset();
      listener.call();
    }
    while (auto payload = co_await connection->next_notification(core::MonoTime::max())) {
      if (*payload != node) {
        listener.call();
      }
    }
    connection.reset();
  }
}

}  // namespace preloop::store::postgres
