#include "audit/head.h"

#include "core/text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace preloop::audit {
namespace {

constexpr std::size_t k_seed_size = 32;
constexpr std::size_t k_file_size = 2 * k_seed_size + 1;

/// Closes on every way out.
struct File {
  int fd = -1;
  explicit File(int opened) : fd(opened) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd >= 0) {
      ::close(fd);
    }
  }
};

std::unexpected<core::Error> cannot(std::string_view what, const std::string& path) {
  return core::fail(core::Code::unavailable,
                    "cannot " + std::string(what) + " " + path + ": " + std::strerror(errno));
}

core::Result<core::Secret> read_seed(int fd, const std::string& path) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) {
    return cannot("read", path);
  }
  if (!S_ISREG(info.st_mode) || (info.st_mode & 077) != 0) {
    return core::fail(core::Code::failed_precondition,
                      path + " must be a file only its owner can read: chmod 600 " + path);
  }
  std::string text(k_file_size + 1, '\0');
  const ssize_t got = ::read(fd, text.data(), text.size());
  if (got < 0) {
    return cannot("read", path);
  }
  const auto seed = got == k_file_size && text[k_file_size - 1] == '\n'
                        ? core::from_hex(std::string_view(text).substr(0, 2 * k_seed_size))
                        : std::nullopt;
  core::wipe(text.data(), text.size());
  if (!seed) {
    return core::fail(
        core::Code::failed_precondition,
        path + " is not an audit key; restore it from a backup made with --with-keys");
  }
  return core::Secret(*seed);
}

/// Written beside and linked into place, so that a crash leaves no half key and an existing one is
/// never replaced.
core::Result<core::Secret> create_seed(const std::string& path) {
  core::Secret seed(core::random_bytes(k_seed_size));
  const core::Secret text(core::to_hex(seed.reveal()) + "\n");
  const std::string draft = path + ".new";
  ::unlink(draft.c_str());
  const File file(
      ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  const auto size = static_cast<ssize_t>(text.reveal().size());
  if (file.fd < 0 || ::write(file.fd, text.reveal().data(), text.reveal().size()) != size ||
      ::fsync(file.fd) != 0 || ::link(draft.c_str(), path.c_str()) != 0) {
    return cannot("write", path);
  }
  ::unlink(draft.c_str());
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.fd < 0 || ::fsync(directory.fd) != 0) {
    return cannot("sync", folder);
  }
  return seed;
}

}  // namespace

std::string_view to_string(Purpose purpose) {
  switch (purpose) {
    case Purpose::head:
      return "head";
    case Purpose::retention:
      return "retention";
    case Purpose::range:
      return "range";
  }
  return "head";
}

std::optional<Purpose> parse_purpose(std::string_view text) {
  for (const Purpose purpose : {Purpose::head, Purpose::retention, Purpose::range}) {
    if (to_string(purpose) == text) {
      return purpose;
    }
  }
  return std::nullopt;
}

std::string signed_text(const Head& head) {
  std::string out = "preloop.audit.head.v1\n";
  for (const std::string& line : {std::string(to_string(head.purpose)),
                                  head.origin,
                                  head.chain.account.to_string(),
                                  head.chain.writer.to_string(),
                                  std::to_string(head.last.seq),
                                  core::to_hex(core::as_bytes(head.last.hash)),
                                  core::to_rfc3339(head.at)}) {
    out += line;
    out += '\n';
  }
  return out;
}

std::string key_id_of(std::string_view public_key) {
  return core::to_hex(core::as_bytes(core::sha256(public_key))).substr(0, 16);
}

std::string endorsement_text(std::string_view public_key) {
  return "preloop.audit.key.v1\n" + core::to_hex(public_key) + "\n";
}

SigningKey::SigningKey(core::Secret seed)
    : seed_(std::move(seed)),
      public_key_(core::ed25519_public_key(seed_)),
      id_(key_id_of(public_key_)) {}

core::Result<SigningKey> SigningKey::load_or_create(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.fd < 0 && errno != ENOENT) {
    return cannot("open", path);
  }
  PRELOOP_TRY(core::Secret seed, file.fd < 0 ? create_seed(path) : read_seed(file.fd, path));
  return SigningKey(std::move(seed));
}

std::string SigningKey::sign(std::string_view text) const {
  return core::ed25519_sign(seed_, text);
}

SignedHead SigningKey::sign(Head head) const {
  std::string signature = sign(signed_text(head));
  return {std::move(head), id_, std::move(signature)};
}

PublicKey SigningKey::endorse(std::string_view public_key) const {
  return {std::string(public_key), id_, sign(endorsement_text(public_key))};
}

core::Result<KeyRing> KeyRing::make(std::span<const PublicKey> keys,
                                    std::span<const std::string> trusted) {
  KeyRing ring;
  for (const PublicKey& key : keys) {
    const auto names = [&](const std::string& name) {
      return name == key.id() || name == core::to_hex(key.public_key);
    };
    const bool endorsed =
        !key.endorsed_by.empty() &&
        ring.verify(key.endorsed_by, endorsement_text(key.public_key), key.endorsement);
    const bool named = std::ranges::any_of(trusted, names);
    if (endorsed || named || (trusted.empty() && key.endorsed_by.empty())) {
      ring.keys_.push_back(key);
    } else if (trusted.empty()) {
      return core::fail(core::Code::data_loss,
                        "key " + key.id() + " is not endorsed by key " + key.endorsed_by);
    }
    if (!endorsed && (named || trusted.empty())) {
      ring.roots_.push_back(key.id());
    }
  }
  return ring;
}

bool KeyRing::verify(std::string_view key_id,
                     std::string_view text,
                     std::string_view signature) const {
  return std::ranges::any_of(keys_, [&](const PublicKey& key) {
    return key.id() == key_id && core::ed25519_verify(key.public_key, text, signature);
  });
}

bool KeyRing::verify(const SignedHead& head) const {
  return verify(head.key_id, signed_text(head.head), head.signature);
}

}  // namespace preloop::audit
