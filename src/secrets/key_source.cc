#include "secrets/key_source.h"

#include "core/crypto.h"
#include "core/log.h"
#include "core/text.h"
#include "secrets/key_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace preloop::secrets {
namespace {

using core::Code;
using core::fail;
using core::Secret;

/// Larger than every spelling of a key, small enough to read whatever the path turns out to be.
constexpr std::size_t k_max_file = 4096;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::unexpected<core::Error> os_error(std::string_view what, const std::string& path, int number) {
  const Code code = number == ENOENT                       ? Code::not_found
                    : number == EEXIST                     ? Code::already_exists
                    : number == EACCES || number == EPERM  ? Code::permission_denied
                    : number == ENOSPC || number == EDQUOT ? Code::resource_exhausted
                                                           : Code::unavailable;
  return fail(code, fmt::format("cannot {} {}: {}", what, path, std::strerror(number)));
}

core::Result<Secret> read_file(const std::string& path, bool is_own) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    return os_error("read", path, errno);
  }
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) {
    return os_error("read", path, errno);
  }
  if (!S_ISREG(info.st_mode)) {
    return fail(Code::invalid_argument, fmt::format("{} is not a file", path));
  }
  if (is_own && (info.st_mode & 077) != 0) {
    return fail(
        Code::permission_denied,
        fmt::format("{} may be read by others; if nobody did, run: chmod 600 {}", path, path));
  }
  if ((info.st_mode & S_IROTH) != 0) {
    core::log::warn("the master key file may be read by every user of this machine",
                    {{"file", path}});
  }
  std::string content(k_max_file, '\0');
  std::size_t used = 0;
  while (used < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + used, content.size() - used);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      const int number = errno;
      core::wipe(content.data(), content.size());
      return os_error("read", path, number);
    }
    if (got == 0) {
      break;
    }
    used += static_cast<std::size_t>(got);
  }
  Secret out(content.substr(0, used));
  core::wipe(content.data(), content.size());
  return out;
}

core::Status sync_folder(const std::string& folder) {
  const Descriptor dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (dir.get() < 0 || ::fsync(dir.get()) != 0) {
    return os_error("sync", folder, errno);
  }
  return {};
}

core::Status write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t wrote = ::write(fd, data.data(), data.size());
    if (wrote < 0 && errno != EINTR) {
      return fail(Code::unavailable, std::strerror(errno));
    }
    data.remove_prefix(wrote < 0 ? 0 : static_cast<std::size_t>(wrote));
  }
  return {};
}

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace

core::Result<MasterKey> load_key(const KeySource& source) {
  PRELOOP_TRY(
      const Secret material,
      std::visit(Overloaded{[](const OwnKeyFile& file) { return read_file(file.path, true); },
                            [](const GivenKeyFile& file) { return read_file(file.path, false); },
                            [](const KeyCommand& command) { return run_key_command(command); }},
                 source));
  return MasterKey::parse(material);
}

core::Status write_key_file(const std::string& path, const MasterKey& key) {
  const std::string folder = folder_of(path);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return os_error("make", folder, errno);
  }
  const std::string temporary = fmt::format("{}.{}", path, core::to_hex(core::random_bytes(8)));
  {
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.get() < 0) {
      return os_error("write", path, errno);
    }
    const core::Status written = write_all(file.get(), key.bytes().reveal());
    if (!written || ::fsync(file.get()) != 0) {
      const int number = errno;
      ::unlink(temporary.c_str());
      return os_error("write", path, number);
    }
  }
  // link(2), unlike rename(2), refuses to replace an existing key.
  const bool linked = ::link(temporary.c_str(), path.c_str()) == 0;
  const int number = errno;
  ::unlink(temporary.c_str());
  if (!linked) {
    return os_error("write", path, number);
  }
  return sync_folder(folder);
}

std::string staged_path(const OwnKeyFile& file) {
  return file.path + ".next";
}

core::Status promote_staged(const OwnKeyFile& file) {
  if (::rename(staged_path(file).c_str(), file.path.c_str()) != 0) {
    return os_error("put the new key in the place of", file.path, errno);
  }
  return sync_folder(folder_of(file.path));
}

core::Status discard_staged(const OwnKeyFile& file) {
  if (::unlink(staged_path(file).c_str()) != 0 && errno != ENOENT) {
    return os_error("remove", staged_path(file), errno);
  }
  return {};
}

}  // namespace preloop::secrets
