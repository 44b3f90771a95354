#pragma once
#include "app/admin.h"
#include "net/local_socket.h"

#include <memory>
#include <string>

namespace preloop::app {

/// The server's end of DATA_DIR/admin.sock: one JSON object a line, one line back, either the
/// answer or {"error":{"code","message"}}. The answer comes after the change is in force on every
/// loop.
core::Result<std::unique_ptr<net::LocalListener>> make_admin_socket(core::Loop& loop,
                                                                    const std::string& data_dir,
                                                                    Admin& admin);
std::string admin_socket_path(const std::string& data_dir);

/// The client's end: not_found when no server listens.
core::Task<core::Result<std::string>> ask_admin(std::string data_dir, std::string request);

}  // namespace preloop::app
