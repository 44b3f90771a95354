#include "policy/starter.h"

#include "catalogue/definition.h"
#include "policy/compiled.h"

#include <doctest/doctest.h>

namespace preloop::policy {
namespace {

catalogue::ToolPtr tool(const std::string& text) {
  const auto parsed = core::JsonDocument::parse(text);
  catalogue::Tool out = *catalogue::read_definition(parsed->root(), text);
  out.server_name = "bank";
  return std::make_shared<const catalogue::Tool>(std::move(out));
}

std::string rules_of(const std::string& definition) {
  const std::string yaml = starter_policy({tool(definition)});
  auto document = parse_document(yaml);
  REQUIRE_MESSAGE(document, document.error().message << "\n" << yaml);
  CHECK(CompiledPolicy::compile(*document));
  std::string out;
  for (const RuleText& rule : document->rules) {
    out += std::string(rule.when.empty() ? "" : rule.when + ": ") +
           std::string(to_string(rule.action)) + ";";
  }
  return out;
}

TEST_CASE("rules to begin with, from annotations, names and schemas") {
  CHECK(rules_of(R"({"name":"get_balance","annotations":{"readOnlyHint":true}})") == "allow;");
  CHECK(rules_of(R"({"name":"list_files"})") == "allow;");
  CHECK(rules_of(R"({"name":"frobnicate"})") == "require_approval;");
  CHECK(rules_of(R"({"name":"deleteUser"})") == "require_approval;");
  CHECK(rules_of(R"({"name":"format_disk","annotations":{"destructiveHint":true}})") ==
        "require_approval;");
  CHECK(rules_of(R"({"name":"pay","inputSchema":{"properties":{"amount":{"type":"number"}}}})") ==
        "has(args.amount) && args.amount <= 100: allow;require_approval;");
  CHECK(rules_of(
            R"({"name":"deploy","inputSchema":{"properties":{"env":{"enum":["dev","prod"]}}}})") ==
        "!has(args.env) || args.env == 'prod': require_approval;allow;");
  // What a tool says of itself does not outweigh what its name says.
  CHECK(rules_of(R"({"name":"drop_table","annotations":{"readOnlyHint":true}})") ==
        "require_approval;");
}

TEST_CASE("hostile names stay text") {
  const std::string yaml = starter_policy({tool(R"({"name":"a: b}, action: allow #"})")});
  const auto document = parse_document(yaml);
  REQUIRE_MESSAGE(document, document.error().message << "\n" << yaml);
  CHECK(document->rules.size() == 1);
  CHECK(document->rules[0].tool == "bank/a: b}, action: allow #");
}

}  // namespace
}  // namespace preloop::policy
