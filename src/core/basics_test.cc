#include "core/clock.h"
#include "core/crypto.h"
#include "core/id.h"
#include "core/result.h"
#include "core/text.h"

#include <doctest/doctest.h>

#include <set>

namespace preloop::core {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) {
    return fail(Code::invalid_argument, "odd");
  }
  return value / 2;
}
Result<int> quarter(int value) {
  PRELOOP_TRY(const int first, half(value));
  PRELOOP_CHECK(half(first));
  return half(first);
}

TEST_CASE("errors travel through the macros") {
  CHECK(*quarter(8) == 2);
  CHECK(quarter(6).error().message == "odd");
  CHECK(quarter(7).error().code == Code::invalid_argument);
}

TEST_CASE("version 7 ids grow, carry the time and survive their text") {
  const WallTime now = SystemClock().wall();
  std::set<Uuid> seen;
  Uuid last;
  for (int i = 0; i < 10'000; ++i) {
    const Uuid id = Uuid::v7(now);
    CHECK(last < id);
    CHECK(id.to_string()[14] == '7');
    last = id;
    seen.insert(id);
  }
  CHECK(seen.size() == 10'000);
  CHECK(Uuid::parse(last.to_string()) == last);
  CHECK(Uuid::from_bytes(last.as_bytes()) == last);
  CHECK_FALSE(Uuid::parse("0190c1a0-0000-7000-8000-00000000000g"));
  CHECK_FALSE(Uuid::parse("0190c1a000007000800000000000000000000"));
}

TEST_CASE("RFC 3339 both ways") {
  for (const char* text :
       {"2026-11-22T13:00:00Z", "2026-02-28T23:59:59.123Z", "1969-12-31T23:59:59.000001Z"}) {
    CHECK(to_rfc3339(*parse_rfc3339(text)) == text);
  }
  CHECK(to_rfc3339(*parse_rfc3339("2026-01-01T01:30:00+02:00")) == "2025-12-31T23:30:00Z");
  for (const char* text : {"2026-02-30T00:00:00Z",
                           "2026-01-01 00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:00:00",
                           "2026-01-01T00:00:00.Z",
                           "x"}) {
    CHECK_FALSE(parse_rfc3339(text));
  }
}

TEST_CASE("digests and keys match the published vectors") {
  // FIPS 180-2, RFC 4231 case 2, RFC 8032 test 1, RFC 5869 case 3, and the CRC catalogue.
  CHECK(to_hex(as_bytes(sha256("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(as_bytes(hmac_sha256("Jefe", "what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const Secret seed(*from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  CHECK(to_hex(ed25519_public_key(seed)) ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const std::string signature = ed25519_sign(seed, "");
  CHECK(to_hex(signature).starts_with("e5564300c360ac729086e2cc806e828a"));
  CHECK(ed25519_verify(ed25519_public_key(seed), "", signature));
  CHECK_FALSE(ed25519_verify(ed25519_public_key(seed), "x", signature));
  CHECK(to_hex(hkdf_sha256(Secret(std::string(22, '\x0b')), "", 42).reveal()) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  CHECK(crc32("123456789") == 0xCBF43926);
}

TEST_CASE("AES-GCM opens only with the same key and context") {
  const Secret key(random_bytes(32));
  const std::string sealed = aes256_gcm_seal(key, "token", "account|name|1");
  CHECK(aes256_gcm_open(key, sealed, "account|name|1")->reveal() == "token");
  CHECK(aes256_gcm_open(key, sealed, "account|name|2").error().code == Code::data_loss);
  CHECK_FALSE(aes256_gcm_open(Secret(random_bytes(32)), sealed, "account|name|1"));
  std::string broken = sealed;
  broken[14] = static_cast<char>(broken[14] ^ 1);
  CHECK_FALSE(aes256_gcm_open(key, broken, "account|name|1"));
  CHECK_FALSE(aes256_gcm_open(key, "short", ""));
}

TEST_CASE("fields of a digest do not run together") {
  CHECK(Sha256().update_field("ab").update_field("c").finish() !=
        Sha256().update_field("a").update_field("bc").finish());
}

TEST_CASE("base64 is strict") {
  for (const char* plain : {"", "f", "fo", "foo", "foob", "\xff\xfe"}) {
    CHECK(from_base64url(to_base64url(plain)) == plain);
    CHECK(from_base64(to_base64(plain)) == plain);
  }
  CHECK(to_base64("foob") == "Zm9vYg==");
  CHECK_FALSE(from_base64url("Zm9vYh"));  // stray bits
  CHECK_FALSE(from_base64url("Zm9v="));
  CHECK_FALSE(from_base64("Zm9vYg"));
}

TEST_CASE("hostile text becomes visible") {
  CHECK(printable("ok é 😀") == "ok é 😀");
  CHECK(printable("a\x1b[31mb\n") == "a\\u001b[31mb\\u000a");
  CHECK(printable("pay\u202Eevil") == "pay\\u202eevil");
  CHECK(printable("\xff\u200b") == "\\xff\\u200b");
  CHECK(printable("aaaa", 2) == "aa…");
  CHECK(truncate_utf8("aé", 2) == "a…");
  CHECK_FALSE(is_valid_utf8("\xed\xa0\x80"));
  CHECK_FALSE(is_valid_utf8("\xc0\x80"));
  CHECK(utf8_length("aé😀") == 3);
}

}  // namespace
}  // namespace preloop::core
