// docs/reference/cel.md says what the library has: its list of functions is generated. After a
// change, PRELOOP_UPDATE_DOCS=1 makes this test write it.
#include "cel/testing/reference.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace preloop::cel {
namespace {

const std::string k_path = PRELOOP_SOURCE_DIR "/docs/reference/cel.md";
constexpr std::string_view k_functions = "## Functions\n";

TEST_CASE("the CEL reference lists every function with its signatures") {
  std::ifstream in(k_path);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const std::size_t heading = text.find(k_functions);
  REQUIRE(heading != std::string::npos);
  const std::string wanted = reference(text.substr(0, heading + k_functions.size()));
  if (std::getenv("PRELOOP_UPDATE_DOCS") != nullptr) {
    std::ofstream(k_path) << wanted;
  } else {
    CHECK_MESSAGE(text == wanted,
                  "run PRELOOP_UPDATE_DOCS=1 cel_test to write docs/reference/cel.md");
  }
}

}  // namespace
}  // namespace preloop::cel
