#include "secrets/master_key.h"

#include "core/text.h"
#include "secrets/key_source.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <set>

namespace preloop::secrets {
namespace {

using core::Code;
using core::Secret;
using namespace std::chrono_literals;

std::string counting_bytes() {
  std::string out;
  for (char c = 0; c < 32; ++c) {
    out.push_back(c);
  }
  return out;
}

/// A folder that goes away with the test.
struct Folder {
  std::string path = "/tmp/preloop-key-XXXXXX";
  Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~Folder() {
    for (const char* name : {"/keys/master.key", "/keys/master.key.next", "/given"}) {
      ::unlink((path + name).c_str());
    }
    ::rmdir((path + "/keys").c_str());
    ::rmdir(path.c_str());
  }
  std::string operator/(const char* name) const { return path + "/" + name; }
};

void write(const std::string& path, std::string_view content, mode_t mode = 0600) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  REQUIRE(fd >= 0);
  REQUIRE(::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  ::fchmod(fd, mode);
  ::close(fd);
}

TEST_CASE("a master key is read raw, as hex and as base64, with white space around text") {
  const std::string raw = counting_bytes();
  for (const std::string& text : {raw,
                                  core::to_hex(raw),
                                  core::to_hex(raw) + "\n",
                                  " " + core::to_base64(raw) + "\r\n",
                                  core::to_base64url(raw) + "\n"}) {
    const auto key = MasterKey::parse(Secret(text));
    REQUIRE(key.has_value());
    CHECK(key->bytes().reveal() == raw);
  }
}

TEST_CASE("what is not a master key is refused") {
  const std::string raw = counting_bytes();
  for (const std::string& text : {std::string(),
                                  raw + "x",
                                  raw.substr(1),
                                  core::to_hex(raw).substr(2),
                                  core::to_hex(raw) + "00",
                                  std::string(64, 'z'),
                                  std::string(32, '\0'),
                                  std::string(64, '0')}) {
    CHECK(MasterKey::parse(Secret(text)).error().code == Code::invalid_argument);
  }
}

TEST_CASE("derived keys differ by purpose and do not move between releases") {
  const MasterKey key = MasterKey::parse(Secret(counting_bytes())).value();
  std::set<std::string> seen;
  for (const Purpose purpose : {Purpose::secret,
                                Purpose::session_mac,
                                Purpose::link,
                                Purpose::cursor,
                                Purpose::csrf,
                                Purpose::request_state}) {
    CHECK(key.derive(purpose).reveal().size() == 32);
    CHECK(seen.insert(key.derive(purpose).reveal()).second);
  }
  // openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:000102…1f \
  //   -kdfopt info:preloop/v1/secret HKDF
  CHECK(core::to_hex(key.derive(Purpose::secret).reveal()) ==
        "827cf8ab42e22941b80e45dac665547023f44e1ed3d8314cd8bba695f0886d54");
  CHECK(key.check_value().size() == 64);
  CHECK(key.check_value() != MasterKey::generate().check_value());
}

TEST_CASE("an own key file is made once, private, and read back") {
  const Folder folder;
  const OwnKeyFile file{folder / "keys/master.key"};
  CHECK(load_key(file).error().code == Code::not_found);
  const MasterKey key = MasterKey::generate();
  REQUIRE(write_key_file(file.path, key).has_value());
  struct stat info{};
  REQUIRE(::stat(file.path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  REQUIRE(::stat((folder / "keys").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  CHECK(load_key(file)->check_value() == key.check_value());
  CHECK(write_key_file(file.path, MasterKey::generate()).error().code == Code::already_exists);
  CHECK(load_key(file)->check_value() == key.check_value());

  ::chmod(file.path.c_str(), 0640);
  CHECK(load_key(file).error().code == Code::permission_denied);
}

TEST_CASE("a staged key takes the place of the current one") {
  const Folder folder;
  const OwnKeyFile file{folder / "keys/master.key"};
  const MasterKey next = MasterKey::generate();
  REQUIRE(write_key_file(file.path, MasterKey::generate()).has_value());
  REQUIRE(write_key_file(staged_path(file), next).has_value());
  REQUIRE(promote_staged(file).has_value());
  CHECK(load_key(file)->check_value() == next.check_value());
  CHECK(load_key(OwnKeyFile{staged_path(file)}).error().code == Code::not_found);
  CHECK(discard_staged(file).has_value());
}

TEST_CASE("a given file is read and anything but a small regular file refused") {
  const Folder folder;
  const std::string hex = core::to_hex(counting_bytes());
  write(folder / "given", hex + "\n", 0640);
  CHECK(load_key(GivenKeyFile{folder / "given"})->bytes().reveal() == counting_bytes());
  write(folder / "given", std::string(10'000, 'a'));
  CHECK(load_key(GivenKeyFile{folder / "given"}).error().code == Code::invalid_argument);
  CHECK(load_key(GivenKeyFile{folder.path}).error().code == Code::invalid_argument);
  CHECK(load_key(GivenKeyFile{"/dev/zero"}).error().code == Code::invalid_argument);
}

KeyCommand shell(std::string script, core::milliseconds limit = 5s) {
  return {{"sh", "-c", std::move(script)}, limit};
}

TEST_CASE("a command gives the key") {
  const std::string hex = core::to_hex(counting_bytes());
  CHECK(load_key(shell("echo " + hex))->bytes().reveal() == counting_bytes());
  CHECK(load_key(shell("printf %s " + core::to_base64(counting_bytes())))->check_value().size() ==
        64);
}

TEST_CASE("a command that fails, floods, hangs or does not exist gives no key") {
  CHECK(load_key(shell("exit 3")).error().code == Code::unavailable);
  CHECK(load_key(shell("kill -9 $$")).error().code == Code::unavailable);
  CHECK(load_key(shell("echo secret-looking")).error().code == Code::invalid_argument);
  CHECK(load_key(shell("yes")).error().code == Code::invalid_argument);
  CHECK(load_key(KeyCommand{{"/nonexistent/command"}}).error().code == Code::not_found);
  CHECK(load_key(KeyCommand{}).error().code == Code::invalid_argument);
  // Neither a child that hangs, nor one that hangs after closing its output, nor a grandchild that
  // keeps the output open holds us longer than the limit.
  for (const char* script : {"sleep 100", "exec 1>&-; sleep 100", "sleep 100 & exit 0"}) {
    CHECK(load_key(shell(script, 100ms)).error().code == Code::deadline_exceeded);
  }
}

TEST_CASE("an error never holds what the command printed") {
  const auto bad = load_key(shell("echo hunter2hunter2"));
  CHECK(bad.error().message.find("hunter2") == std::string::npos);
}

}  // namespace
}  // namespace preloop::secrets
