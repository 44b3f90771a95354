#pragma once
#include "core/task.h"
#include "store/postgres/commit_listener.h"
#include "store/postgres/connector.h"

#include <memory>
#include <string>

namespace preloop::store::postgres {

/// Hears of other nodes' commits (NOTIFY on the channel preloop_event) and tells the listener, in a
/// session of its own. Runs until cancelled. `first` listens already (Role::listener); after every
/// later session it tells once, for what it missed. Notifications of `node` itself are left out:
/// its writer tells without the detour.
core::Task<void> listen(std::unique_ptr<Connection> first,
                        Connector& connector,
                        const CommitListener& listener,
                        std::string node);

}  // namespace preloop::store::postgres
