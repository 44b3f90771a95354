#include "catalogue/variables.h"

#include <doctest/doctest.h>

namespace preloop::catalogue {
namespace {

const FindVariable k_find = [](const std::string& name) -> std::optional<std::string> {
  return name == "PRELOOP_VAR_HOST" ? std::optional<std::string>("db.internal") : std::nullopt;
};

TEST_CASE("only variables of ours are read, and only whole names") {
  CHECK(expand_variables("https://${PRELOOP_VAR_HOST}/mcp", k_find).value() ==
        "https://db.internal/mcp");
  CHECK(expand_variables("${PRELOOP_VAR_HOST}${PRELOOP_VAR_HOST}", k_find).value() ==
        "db.internaldb.internal");
  CHECK(expand_variables("cost: ${}, $5, ${not a name", k_find).value() ==
        "cost: ${}, $5, ${not a name");
  CHECK_FALSE(expand_variables("${HOME}", k_find));
  CHECK_FALSE(check_variables("a ${PRELOOP_VAR_HOST} b ${AWS_SECRET}"));
  CHECK(expand_variables("${PRELOOP_VAR_OTHER}", k_find).error().code ==
        core::Code::failed_precondition);
  CHECK(is_variable("${PRELOOP_VAR_HOST}"));
  CHECK_FALSE(is_variable("x${PRELOOP_VAR_HOST}"));
  CHECK_FALSE(is_variable("${HOME}"));
}

}  // namespace
}  // namespace preloop::catalogue
