#include "secrets/key_bundle.h"

#include <doctest/doctest.h>

#include <string>

namespace preloop::secrets {
namespace {

const core::Secret k_passphrase("an apple a day, twice");

std::vector<KeyFile> two_files() {
  return {{"master.key", core::Secret(std::string("\0\n binary \xff", 11))},
          {"audit.key", core::Secret("0011\n")}};
}

}  // namespace

TEST_CASE("a bundle of keys opens with its passphrase and with nothing else") {
  const auto sealed = seal_key_files(two_files(), k_passphrase);
  REQUIRE(sealed);
  CHECK(sealed->find("binary") == std::string::npos);
  const auto opened = open_key_files(*sealed, k_passphrase);
  REQUIRE(opened);
  REQUIRE(opened->size() == 2);
  CHECK(opened->at(0).name == "master.key");
  CHECK(opened->at(0).content.reveal() == two_files()[0].content.reveal());
  CHECK(opened->at(1).content.reveal() == "0011\n");

  const auto other = open_key_files(*sealed, core::Secret("an apple a day, once"));
  REQUIRE(!other);
  CHECK(other.error().code == core::Code::permission_denied);
  std::string changed = *sealed;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  CHECK(!open_key_files(changed, k_passphrase));
  CHECK(!open_key_files("", k_passphrase));
  CHECK(!open_key_files(sealed->substr(0, 45), k_passphrase));
}

TEST_CASE("a short passphrase is refused") {
  const auto sealed = seal_key_files(two_files(), core::Secret("short"));
  REQUIRE(!sealed);
  CHECK(sealed.error().code == core::Code::invalid_argument);
}

TEST_CASE("the end of a file says whether keys are in it, and how many bytes") {
  const std::string trailer = bundle_trailer(std::string(300, 'x'));
  CHECK(trailer.size() == 300 + k_trailer_end_size);
  CHECK(bundle_size(trailer.substr(300)) == 300);
  CHECK(bundle_size(std::string(k_trailer_end_size, '\0')) == 0);
  CHECK(bundle_size("") == 0);
  // A size that no bundle has is not believed.
  std::string huge = trailer.substr(300);
  huge[0] = '\x7f';
  CHECK(bundle_size(huge) == 0);
}

}  // namespace preloop::secrets
