#pragma once
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "net/byte_stream.h"

#include <functional>
#include <memory>
#include <string>

namespace preloop::net {

/// A Unix socket that only one user may speak to: mode 0600, and the kernel's word for who is at
/// the other end (SO_PEERCRED) is checked besides. Owned by one loop.
class LocalListener {
 public:
  /// Serves one connection; the stream is closed when the task ends.
  using Serve = std::function<core::Task<void>(ByteStreamPtr)>;

  /// Replaces a socket file that nobody listens on any more; failed_precondition when somebody
  /// does, invalid_argument when the path is longer than the 107 bytes a Unix socket may have.
  static core::Result<std::unique_ptr<LocalListener>> create(core::Loop& loop,
                                                             const std::string& path,
                                                             Serve serve);
  virtual ~LocalListener() = default;
  virtual void start() = 0;
  /// Removes the file and ends the connections.
  virtual core::Task<void> stop() = 0;
};

/// Connects to such a socket; not_found when nobody listens there.
core::Task<core::Result<ByteStreamPtr>> connect_local(std::string path);

}  // namespace preloop::net
