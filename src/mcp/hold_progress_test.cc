#include "mcp/hold_progress.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

using namespace std::chrono_literals;

std::string progress(std::string_view number) {
  return R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":)" +
         std::string(number) + "}}";
}

TEST_CASE("progress strictly increases over both sources") {
  ProgressNumbers numbers;
  CHECK(numbers.admit(progress("0")));  // nothing of ours yet: untouched
  CHECK(numbers.next_of_ours() == "0.0001");
  CHECK(numbers.next_of_ours() == "0.0002");
  CHECK_FALSE(numbers.admit(progress("0")));
  CHECK(numbers.admit(progress("1")));
  CHECK_FALSE(numbers.admit(progress("1.0")));
  CHECK(numbers.admit(progress("1.5")));
  CHECK_FALSE(numbers.admit(progress(R"("2")")));
  CHECK(numbers.admit(
      R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}})"));
  CHECK_FALSE(numbers.admit("garbage"));
}

TEST_CASE("the message says who and how long, within 200 bytes, on one line") {
  const core::WallTime now{100h};
  CHECK(hold_message("anyone with the role approver", now + 289'500ms, now) ==
        "Waiting for approval by anyone with the role approver (290 s left)");
  CHECK(hold_message("ana", now - 5s, now) == "Waiting for approval by ana (0 s left)");
  const std::string hostile = hold_message(std::string(5000, 'x') + "\n\x1b[31m", now, now);
  CHECK(hostile.size() <= 200);
  CHECK_FALSE(hostile.contains('\n'));
  CHECK(hold_message("a\x1b[2Jb\nc", now, now).find_first_of("\x1b\n") == std::string::npos);
}

TEST_CASE("the token goes back as it came") {
  CHECK(progress_params(R"("t\u0041")", "0.0001", "m") ==
        R"({"progressToken":"t\u0041","progress":0.0001,"message":"m"})");
}

}  // namespace
}  // namespace preloop::mcp
