#include "audit/head.h"

#include "audit/testing/log_builder.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace preloop::audit {
namespace {

struct TempDir {
  TempDir() {
    char name[] = "/tmp/preloop-audit-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~TempDir() {
    ::unlink((path + "/audit.key").c_str());
    ::rmdir(path.c_str());
  }
  std::string path;
};

TEST_CASE("the key is made once, with mode 0600, and read again") {
  const TempDir dir;
  const std::string file = dir.path + "/audit.key";
  const auto made = SigningKey::load_or_create(file);
  REQUIRE(made);
  struct stat info{};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(info.st_nlink == 1);
  const auto read = SigningKey::load_or_create(file);
  REQUIRE(read);
  CHECK(read->public_key() == made->public_key());
}

TEST_CASE("a key that others can read, or that is none, is refused and left alone") {
  const TempDir dir;
  const std::string file = dir.path + "/audit.key";
  REQUIRE(SigningKey::load_or_create(file));
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  CHECK(SigningKey::load_or_create(file).error().code == core::Code::failed_precondition);
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  std::ofstream(file) << "nonsense";
  CHECK(SigningKey::load_or_create(file).error().code == core::Code::failed_precondition);
  CHECK(SigningKey::load_or_create(dir.path + "/none/audit.key").error().code ==
        core::Code::unavailable);
}

TEST_CASE("every field of a head is signed") {
  const SigningKey key = testing::key_of('k');
  const std::vector<PublicKey> keys{{key.public_key(), {}, {}}};
  const KeyRing ring = *KeyRing::make(keys, {});
  const SignedHead good =
      key.sign({Purpose::head, "o", {}, {3, core::sha256("x")}, core::WallTime{}});
  CHECK(ring.verify(good));
  for (int field = 0; field < 7; ++field) {
    SignedHead other = good;
    switch (field) {
      case 0:
        other.head.purpose = Purpose::retention;
        break;
      case 1:
        other.head.origin = "p";
        break;
      case 2:
        other.head.chain.account.uuid.bytes[0] = 1;
        break;
      case 3:
        other.head.chain.writer.bytes[0] = 1;
        break;
      case 4:
        other.head.last.seq = 4;
        break;
      case 5:
        other.head.last.hash[0] ^= 1;
        break;
      default:
        other.head.at += core::microseconds(1);
    }
    CHECK_FALSE(ring.verify(other));
  }
}

TEST_CASE("trust: named keys and what they endorse, nothing else") {
  const SigningKey first = testing::key_of('a'), second = testing::key_of('b'),
                   stranger = testing::key_of('c');
  const PublicKey root{first.public_key(), {}, {}};
  const PublicKey rotated = first.endorse(second.public_key());
  const PublicKey foreign{stranger.public_key(), {}, {}};
  const auto signs = [](const core::Result<KeyRing>& ring, const SigningKey& key) {
    return ring && ring->verify(key.id(), "text", key.sign("text"));
  };
  const std::vector<PublicKey> keys{root, rotated, foreign};
  const auto open = KeyRing::make(keys, {});
  CHECK(signs(open, first));
  CHECK(signs(open, second));
  CHECK(signs(open, stranger));
  CHECK(open->roots().size() == 2);
  const std::vector<std::string> trusted{first.id()};
  const auto closed = KeyRing::make(keys, trusted);
  CHECK(signs(closed, first));
  CHECK(signs(closed, second));
  CHECK_FALSE(signs(closed, stranger));
  PublicKey forged = rotated;
  forged.public_key = stranger.public_key();
  const std::vector<PublicKey> wrong{root, forged};
  CHECK_FALSE(KeyRing::make(wrong, {}));
  CHECK_FALSE(signs(KeyRing::make(wrong, trusted), stranger));
}

}  // namespace
}  // namespace preloop::audit
