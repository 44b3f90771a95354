#include "identity/key_format.h"

#include "core/clock.h"
#include "identity/base62.h"

#include <doctest/doctest.h>

#include <set>

namespace preloop::identity {
namespace {

core::KeyId new_id() {
  return core::KeyId::make(core::SystemClock().wall());
}

constexpr KeyClass k_all[] = {KeyClass::operator_key, KeyClass::agent_key, KeyClass::execution_key};

TEST_CASE("a key says its class and id and is recognised by its hash") {
  for (const KeyClass key_class : k_all) {
    const NewKey key = make_key(key_class, new_id());
    const std::string& text = key.text.reveal();
    CHECK(text.size() == k_key_length);
    const auto parsed = parse_key(text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->key_class == key_class);
    CHECK(parsed->id == key.stored.id);
    CHECK(same_hash(parsed->hash, key.stored.hash));
    CHECK(key_class_from(to_string(key_class)) == key_class);
  }
  CHECK(!key_class_from("owner"));
}

TEST_CASE("two keys of one id have different secrets") {
  const core::KeyId id = new_id();
  CHECK(!same_hash(make_key(KeyClass::agent_key, id).stored.hash,
                   make_key(KeyClass::agent_key, id).stored.hash));
}

TEST_CASE("every change of one character is caught") {
  const NewKey key = make_key(KeyClass::operator_key, new_id());
  const std::string& good = key.text.reveal();
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string bad = good;
      bad[at] = static_cast<char>(c);
      if (bad != good) {
        CAPTURE(at);
        CAPTURE(c);
        REQUIRE(parse_key(bad).error().code == core::Code::unauthenticated);
      }
    }
  }
}

TEST_CASE("swapped, missing and added characters are caught") {
  const std::string good = make_key(KeyClass::agent_key, new_id()).text.reveal();
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string shorter = good;
    shorter.erase(at, 1);
    CHECK(!parse_key(shorter));
    std::string longer = good;
    longer.insert(at, 1, 'A');
    CHECK(!parse_key(longer));
    std::string swapped = good;
    if (at > 0 && swapped[at] != swapped[at - 1]) {
      std::swap(swapped[at], swapped[at - 1]);
      CHECK(!parse_key(swapped));
    }
  }
  for (const char* text : {"", "pla_", "Bearer", "sk-ant-0123456789"}) {
    CHECK(!parse_key(text));
  }
  CHECK(!parse_key(std::string(k_key_length, 'z')));
  CHECK(!parse_key(std::string(1'000'000, 'a')));
}

TEST_CASE("an id that does not fit 16 bytes is refused though its checksum is right") {
  // 22 digits of 'z' are larger than 2^128; the checksum below is made for this text.
  const auto with_checksum = [](const std::string& text) {
    const std::uint32_t crc = core::crc32(text);
    const char bytes[4] = {static_cast<char>(crc >> 24),
                           static_cast<char>(crc >> 16),
                           static_cast<char>(crc >> 8),
                           static_cast<char>(crc)};
    return text + to_base62(std::string_view(bytes, 4), 6);
  };
  const std::string secret(43, '0');
  CHECK(parse_key(with_checksum("pla_" + std::string(22, '1') + "_" + secret)).has_value());
  CHECK(!parse_key(with_checksum("pla_" + std::string(22, 'z') + "_" + secret)));
  CHECK(!parse_key(with_checksum("pla_" + std::string(22, '1') + "_" + std::string(43, '-'))));
}

TEST_CASE("an error never repeats the key") {
  const std::string good = make_key(KeyClass::agent_key, new_id()).text.reveal();
  std::string bad = good;
  bad.back() = bad.back() == 'a' ? 'b' : 'a';
  CHECK(parse_key(bad).error().message.find(good.substr(4, 22)) == std::string::npos);
}

TEST_CASE("base 62 is one to one and keeps its width") {
  for (const std::string& bytes : {std::string(16, '\0'),
                                   std::string(16, '\xff'),
                                   std::string("\x01", 1) + std::string(15, '\0')}) {
    const std::string digits = to_base62(bytes, 22);
    CHECK(digits.size() == 22);
    CHECK(from_base62(digits, 16) == bytes);
  }
  CHECK(to_base62(std::string(32, '\xff'), 43).size() == 43);
  CHECK(from_base62(to_base62(std::string(32, '\xff'), 43), 32) == std::string(32, '\xff'));
  CHECK(!from_base62(std::string(22, 'z'), 16));
  CHECK(!from_base62("0_0", 16));
}

TEST_CASE("tokens are random and of one shape") {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const core::Secret token = make_token();
    CHECK(is_token(token.reveal()));
    CHECK(seen.insert(token.reveal()).second);
  }
  CHECK(!is_token(""));
  CHECK(!is_token(std::string(43, '_')));
  CHECK(!is_token(std::string(44, 'a')));
}

}  // namespace
}  // namespace preloop::identity
