#include "policy/testing/random_document.h"

#include <random>

namespace preloop::policy::testing {
namespace {

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  Document document() {
    Document out;
    out.name = maybe(text());
    out.description = maybe(text());
    out.tags = list(2);
    for (const std::string_view name : {"sre", "dba"}) {
      if (chance()) {
        out.teams[std::string(name)] = {"ana@example.com", "bo@example.com"};
      }
    }
    if (chance()) {
      out.servers.emplace();
      for (int i = 0; i < below(3); ++i) {
        out.servers->push_back(server(i));
      }
    }
    for (int i = 0; i < below(4); ++i) {
      out.workflows.push_back(workflow(i, out));
    }
    out.rules = rules(out);
    for (int i = 0; i < below(4); ++i) {
      out.tools.push_back(tool());
    }
    out.agents = scopes(out);
    out.keys = scopes(out);
    if (chance()) {
      out.defaults = {.unknown_tools = action(),
                      .no_match = action(),
                      .new_tools = action(),
                      .workflow = workflow_name(out)};
    }
    for (int i = 0; i < below(3); ++i) {
      out.tests.push_back(test());
      out.tests.back().tool = "pay";
    }
    if (chance()) {
      out.not_enforced["model_io"] = R"([{"id":"a: b","on":true}])";
    }
    return out;
  }

 private:
  int below(int end) { return static_cast<int>(random_() % static_cast<std::uint64_t>(end)); }
  bool chance() { return below(2) == 0; }
  std::string maybe(std::string text) { return chance() ? std::move(text) : std::string(); }
  std::string text() {
    static const std::string k_texts[] = {"plain",
                                          "with: colon",
                                          "# not a comment",
                                          "- dash",
                                          "\"quoted\" and 'single'",
                                          "two\nlines\n",
                                          "true",
                                          "null",
                                          "1.0",
                                          " spaces ",
                                          "{flow: [x]}",
                                          "Grüße, 価格",
                                          "tab\there",
                                          "${PRELOOP_VAR_X} & *anchor !tag"};
    return k_texts[below(std::size(k_texts))];
  }
  std::vector<std::string> list(int most) {
    const int count = below(most + 1);
    std::vector<std::string> out;
    out.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      out.push_back(text());
    }
    return out;
  }
  Action action() {
    constexpr Action k_actions[] = {Action::allow, Action::require_approval, Action::deny};
    return k_actions[below(3)];
  }
  std::string tool_name() {
    static const std::string k_names[] = {"pay", "bank/pay", "bank/*", "*", "get_*", "a:b#c"};
    return k_names[below(std::size(k_names))];
  }
  std::string workflow_name(const Document& document) {
    return document.workflows.empty() || chance()
               ? "default"
               : document
                     .workflows[static_cast<std::size_t>(
                         below(static_cast<int>(document.workflows.size())))]
                     .name;
  }
  catalogue::ServerConfig server(int number) {
    catalogue::ServerConfig out;
    out.name = "server-" + std::to_string(number);
    if (chance()) {
      out.command = "run me";
      out.args = {"-y", "a: b", ""};
      out.env = {{"LOG", "quiet # no"}, {"TOKEN", "secret:token"}};
    } else {
      out.transport = catalogue::Transport::streamable_http;
      out.url = "https://${PRELOOP_VAR_HOST}/mcp";
      out.headers = {{"X-Team", "a: b"}};
      out.bearer_token = chance() ? "secret:token" : "${PRELOOP_VAR_TOKEN}";
    }
    out.call_timeout = core::seconds(chance() ? 600 : 30);
    return out;
  }
  std::vector<std::string> approvers(const Document& document) {
    std::vector<std::string> out = {"admin", "ana@example.com"};
    for (const auto& [name, members] : document.teams) {
      out.push_back(name);
    }
    return out;
  }
  WorkflowText workflow(int number, const Document& document) {
    WorkflowText out;
    out.name = chance() ? "default " + std::to_string(number) : "w" + std::to_string(number);
    out.description = maybe(text());
    out.approvers = chance() ? approvers(document) : std::vector<std::string>();
    out.quorum = 1 + below(3);
    out.timeout = 1 + below(1000);
    out.approval_valid_for = chance() ? 900 : below(1000);
    out.require_reason = chance();
    out.exclude_agent_owner = chance();
    if (chance()) {
      out.escalation.push_back({.after = 60, .approvers = {"owner"}, .timeout = 1 + below(900)});
    }
    out.async = chance();
    return out;
  }
  TestText test() {
    return {.tool = chance() ? "pay" : "bank/pay",
            .args = R"({"amount":5,"list":[1,"x: y",null,true,1.5,{"a":"b"}]})",
            .expect = action(),
            .agent = maybe("ci bot"),
            .key = maybe("nightly"),
            .now = maybe("2026-11-30T08:00:00Z")};
  }
  RuleText rule(const Document& document) {
    static const std::string k_conditions[] = {"",
                                               "args.amount > 100 && args.to != \"x: y\"",
                                               "!tool.annotations.readOnlyHint",
                                               "calls('pay', duration('1h')) < 3",
                                               "session.tools_used.exists(t, t.name == 'a')",
                                               "request.client.name == 'x'\n|| true"};
    RuleText out;
    out.tool = tool_name();
    out.tagged = chance() ? std::vector<std::string>{"destructive", "open_world"}
                          : std::vector<std::string>();
    out.when = k_conditions[below(std::size(k_conditions))];
    out.action = action();
    out.observes = out.action == Action::allow && chance();
    if (out.action == Action::require_approval) {
      out.workflow = maybe(workflow_name(document));
    }
    if (out.action != Action::deny && !out.observes && chance()) {
      out.justification = chance() ? Justification::optional : Justification::required;
    }
    out.message = maybe(text());
    out.description = maybe(text());
    out.enabled = chance();
    if (chance()) {
      out.tests = {test(), test()};
    }
    return out;
  }
  std::vector<RuleText> rules(const Document& document) {
    const int count = below(5);
    std::vector<RuleText> out;
    out.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      out.push_back(rule(document));
    }
    return out;
  }
  ToolText tool() {
    ToolText out;
    out.name = tool_name();
    if (chance()) {
      out.enabled = chance();
    }
    if (chance()) {
      out.arguments =
          chance() ? catalogue::ArgumentsMode::strict : catalogue::ArgumentsMode::lenient;
    }
    out.justification = chance() ? Justification::required : Justification::none;
    if (chance()) {
      out.redact = {.result = {"secrets", "$.a.b[*]", "re:[0-9]{4,6}: x"},
                    .stored = {"email"},
                    .shown = {"$['a b']"}};
    }
    return out;
  }
  ScopeTexts scopes(const Document& document) {
    ScopeTexts out;
    for (const std::string_view name : {"ci-bot", "a: b", "true"}) {
      if (chance()) {
        ScopeText& scope = out[std::string(name)];
        scope.rules = rules(document);
        if (chance()) {
          scope.tools = {{.name = "bank/pay", .enabled = false}};
        }
        if (chance()) {
          scope.allowed_models = list(2);
        }
      }
    }
    return out;
  }

  std::mt19937_64 random_;
};

}  // namespace

Document random_document(std::uint64_t seed) {
  return Maker(seed).document();
}

}  // namespace preloop::policy::testing
