#include "store/lock_file.h"

#include "core/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace preloop::store {

core::Result<LockFile> LockFile::acquire(const std::string& path, std::string_view holder) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    return core::fail(core::Code::unavailable,
                      fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  LockFile lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 200> text{};
    const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
    const std::string_view other(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return core::fail(
        core::Code::failed_precondition,
        fmt::format("{} is held by {}: stop it, or use another --data-dir",
                    path,
                    other.empty() ? "another process" : core::printable(core::trim(other))));
  }
  const std::string text = fmt::format("{} (pid {})\n", holder, ::getpid());
  // Only people read it; a full disk must not keep the lock from being taken.
  if (::ftruncate(descriptor, 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(descriptor, text.data(), text.size(), 0);
  }
  return lock;
}

LockFile::LockFile(LockFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}
LockFile::~LockFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}  // namespace preloop::store
