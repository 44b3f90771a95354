#include "policy/compiled.h"

#include "core/text.h"
#include "policy/compile_workflows.h"
#include "policy/compiled_impl.h"
#include "policy/problems.h"
#include "policy/usage.h"
#include "policy/yaml_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <unordered_map>

namespace preloop::policy {
namespace {

/// Facts whose text has to be made for each decision; only policies that read them pay.
bool is_costly(const cel::Reference& reference) {
  const auto field = [&](std::initializer_list<std::string_view> names) {
    return reference.path.empty() ||
           std::ranges::find(names, std::string_view(reference.path.front())) != names.end();
  };
  return (reference.root == "tool" && field({"definition_hash", "first_seen"})) ||
         (reference.root == "agent" && field({"id"})) ||
         (reference.root == "key" && field({"id"})) || reference.root == "session" ||
         reference.root == "request";
}

bool reads_state(const cel::Program& program) {
  const auto of_session = [](const cel::Reference& reference) {
    return reference.root == "session" &&
           (reference.path.empty() ||
            (reference.path.front() != "id" && reference.path.front() != "started"));
  };
  return std::ranges::any_of(program.references(), of_session) ||
         std::ranges::any_of(program.functions(), is_usage_function);
}

class Compiler {
 public:
  Compiler(Document document, CompiledPolicy::Teams teams, const CompiledPolicy::Impl* before)
      : teams_(teams), impl_(std::make_unique<CompiledPolicy::Impl>()) {
    impl_->document = std::move(document);
    if (before != nullptr) {
      remember(before->account);
      for (const auto* const scopes : {&before->agents, &before->keys}) {
        for (const auto& [name, scope] : *scopes) {
          remember(scope.rules);
        }
      }
    }
  }

  core::Result<std::unique_ptr<const CompiledPolicy::Impl>> run() {
    const Document& document = impl_->document;
    auto made = compile_workflows(document, teams_);
    impl_->workflows = std::move(made.workflows);
    problems_ = std::move(made.problems);
    impl_->account = rules(document.rules, Scope::account, "");
    scopes(document.agents, Scope::agent, impl_->agents);
    scopes(document.keys, Scope::key, impl_->keys);
    servers();
    tools();
    impl_->default_workflow =
        workflow(document.defaults.workflow, document.defaults.at, "/defaults/workflow");
    if (!problems_.empty()) {
      return std::unexpected(error_of(std::move(problems_)));
    }
    forget_positions(impl_->document);
    impl_->document.servers.reset();  // they are the catalogue's
    impl_->document.given = {};
    impl_->hash = core::sha256(write_document(document));
    return std::unique_ptr<const CompiledPolicy::Impl>(std::move(impl_));
  }

 private:
  void problem(const Position& at, std::string path, std::string message) {
    problems_.push_back({place_of(at, std::move(path)), std::move(message)});
  }

  WorkflowPtr workflow(const std::string& name, const Position& at, const std::string& path) {
    const auto found = impl_->workflows.find(name);
    if (found != impl_->workflows.end()) {
      return found->second;
    }
    std::vector<std::string_view> names;
    for (const auto& [known, value] : impl_->workflows) {
      names.push_back(known);
    }
    problem(at,
            path,
            fmt::format("there is no workflow '{}'; there are: {}{}",
                        core::printable(name, 64),
                        fmt::join(names, ", "),
                        did_you_mean(name, names)));
    return nullptr;
  }

  RuleList rules(const std::vector<RuleText>& texts, Scope scope, const std::string& scope_name) {
    std::vector<Rule> out;
    out.reserve(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const RuleText& text = texts[i];
      const std::string path =
          scope == Scope::account
              ? fmt::format("/rules/{}", i)
              : fmt::format("/scopes/{}s/{}/rules/{}", to_string(scope), scope_name, i);
      Rule rule;
      rule.action = text.action;
      rule.observes = text.observes;
      rule.justification = text.justification;
      for (const std::string& name : text.tagged) {
        const auto tag = parse_tool_tag(name);
        rule.tagged |= tag ? static_cast<ToolTags>(*tag) : ToolTags{0};
      }
      rule.message = text.message;
      rule.match = std::make_shared<const RuleMatch>(RuleMatch{.scope = scope,
                                                               .scope_name = scope_name,
                                                               .position = i + 1,
                                                               .tool = text.tool,
                                                               .when = text.when,
                                                               .error = {}});
      if (auto pattern = ToolPattern::parse(text.tool)) {
        rule.pattern = std::move(*pattern);
      } else {
        problem(text.at, path + "/tool", pattern.error().message);
      }
      if (!text.when.empty()) {
        condition(rule, text, path + "/when");
      }
      check_tests(text, path);
      if (text.enabled && text.justification != Justification::none) {
        impl_->justified.push_back(rule.pattern);
      }
      if (text.action == Action::require_approval) {
        const std::string& name =
            text.workflow.empty() ? impl_->document.defaults.workflow : text.workflow;
        rule.workflow = workflow(name, text.at, path + "/workflow");
      }
      if (text.enabled) {
        out.push_back(std::move(rule));
      }
    }
    return RuleList(std::move(out));
  }

  void check_tests(const RuleText& text, const std::string& path) {
    for (const TestText& test : text.tests) {
      if (test.tool.empty() && text.tool.find('*') != std::string::npos) {
        problem(test.at, path + "/tests", "a test of a rule with '*' needs 'tool'");
      }
    }
  }

  void remember(const RuleList& list) {
    for (const Rule& rule : list.rules()) {
      if (rule.when) {
        known_.emplace(rule.match->when, &*rule.when);
      }
    }
  }

  core::Result<cel::Program> program_of(const std::string& when) {
    if (const auto known = known_.find(when); known != known_.end()) {
      return *known->second;
    }
    cel::CompileOptions options;
    options.variables = k_condition_variables;
    options.functions = usage_functions();
    return cel::compile(when, options);
  }

  void condition(Rule& rule, const RuleText& text, const std::string& path) {
    auto program = program_of(text.when);
    if (!program) {
      problem(text.at, path, fmt::format("condition: {}", program.error().message));
      return;
    }
    const auto is_fact = [](const cel::Reference& reference) {
      return reference.root == "tool" || reference.root == "agent" || reference.root == "key";
    };
    rule.is_static = std::ranges::all_of(program->references(), is_fact) && !reads_state(*program);
    impl_->reads_details =
        impl_->reads_details || std::ranges::any_of(program->references(), is_costly);
    if (text.enabled && reads_state(*program)) {
      state(rule, *program, text, path);
    }
    rule.when = std::move(*program);
  }

  void state(const Rule& rule,
             const cel::Program& program,
             const RuleText& text,
             const std::string& path) {
    StateReads& state = impl_->state;
    state.askers.push_back(rule.pattern);
    auto counted = counted_calls(text.when);
    if (!counted) {
      problem(text.at, path, fmt::format("condition: {}", counted.error().message));
      return;
    }
    const auto& functions = program.functions();
    const bool looks_at_tools =
        program.reads("session") || std::ranges::find(functions, "tools_used") != functions.end();
    state.every_call = state.every_call || counted->every_tool || looks_at_tools;
    state.window =
        std::max(state.window, program.reads("session") ? k_longest_window : counted->window);
    std::ranges::move(counted->tools, std::back_inserter(state.counted));
  }

  void scopes(const ScopeTexts& texts, Scope scope, CompiledPolicy::Impl::Scopes& out) {
    for (const auto& [name, text] : texts) {
      auto& compiled = out[name];
      compiled.rules = rules(text.rules, scope, name);
      for (std::size_t i = 0; i < text.tools.size(); ++i) {
        const ToolText& tool = text.tools[i];
        auto pattern = ToolPattern::parse(tool.name);
        if (!pattern) {
          problem(tool.at,
                  fmt::format("/scopes/{}s/{}/tools/{}", to_string(scope), name, i),
                  pattern.error().message);
        } else if (!tool.enabled.value_or(true)) {
          compiled.disabled.push_back(std::move(*pattern));
        }
      }
    }
  }

  void servers() {
    if (!impl_->document.servers) {
      return;
    }
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < impl_->document.servers->size(); ++i) {
      const catalogue::ServerConfig& server = (*impl_->document.servers)[i];
      const std::string path = fmt::format("/servers/{}/name", i);
      if (auto status = catalogue::check_config(server); !status) {
        problem({}, fmt::format("/servers/{}", i), status.error().message);
      }
      if (!names.insert(server.name).second) {
        problem({}, path, fmt::format("two servers are named '{}'", server.name));
      }
    }
  }

  void tools() {
    for (std::size_t i = 0; i < impl_->document.tools.size(); ++i) {
      const ToolText& text = impl_->document.tools[i];
      auto pattern = ToolPattern::parse(text.name);
      if (!pattern) {
        problem(text.at, fmt::format("/tools/{}/name", i), pattern.error().message);
        continue;
      }
      if (text.justification != Justification::none) {
        impl_->justified.push_back(*pattern);
      }
      impl_->tools.push_back({.pattern = std::move(*pattern),
                              .enabled = text.enabled,
                              .arguments = text.arguments,
                              .justification = text.justification,
                              .redaction = redaction(text, fmt::format("/tools/{}/redact", i))});
    }
  }

  std::shared_ptr<const Redaction> redaction(const ToolText& text, const std::string& path) {
    if (text.redact.empty()) {
      return nullptr;
    }
    auto out = std::make_shared<Redaction>();
    const auto compile = [&](const std::vector<std::string>& entries, RedactionRules& rules) {
      if (auto compiled = compile_redaction(entries)) {
        rules = std::move(*compiled);
      } else {
        problem(text.at, path, compiled.error().message);
      }
    };
    compile(text.redact.result, out->result);
    compile(text.redact.stored, out->stored);
    compile(text.redact.shown, out->shown);
    return out;
  }

  CompiledPolicy::Teams teams_;
  std::unique_ptr<CompiledPolicy::Impl> impl_;
  std::unordered_map<std::string_view, const cel::Program*> known_;  ///< of the policy before
  std::vector<core::ErrorDetail> problems_;
};

}  // namespace

RuleList::RuleList(std::vector<Rule> rules) : rules_(std::move(rules)) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    has_observers_ = has_observers_ || rules_[i].observes;
    if (rules_[i].pattern.has_wildcard()) {
      wildcards_.push_back(i);
    } else {
      by_name_[rules_[i].pattern.name].push_back(i);
    }
  }
}

CompiledPolicy::CompiledPolicy(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
CompiledPolicy::~CompiledPolicy() = default;

core::Result<std::shared_ptr<const CompiledPolicy>> CompiledPolicy::compile(
    Document document, Teams teams, const CompiledPolicy* before) {
  PRELOOP_TRY(
      auto impl,
      Compiler(std::move(document), teams, before == nullptr ? nullptr : &before->impl()).run());
  return std::make_shared<const CompiledPolicy>(std::move(impl));
}

const Document& CompiledPolicy::document() const {
  return impl_->document;
}
const core::Digest& CompiledPolicy::hash() const {
  return impl_->hash;
}
const StateReads& CompiledPolicy::state() const {
  return impl_->state;
}
WorkflowPtr CompiledPolicy::find_workflow(std::string_view name) const {
  const auto found = impl_->workflows.find(name);
  return found == impl_->workflows.end() ? nullptr : found->second;
}

bool StateReads::concerns(const catalogue::Tool& tool) const {
  const auto names = [&](const ToolPattern& pattern) {
    return pattern.matches(tool.server_name, tool.name);
  };
  return any() &&
         (every_call || std::ranges::any_of(counted, names) || std::ranges::any_of(askers, names));
}

bool CompiledPolicy::Impl::Scoped::disables(const catalogue::Tool& tool) const {
  return std::ranges::any_of(disabled, [&](const ToolPattern& pattern) {
    return pattern.matches(tool.server_name, tool.name);
  });
}

ToolSettings settings_of(const CompiledPolicy::Impl& policy, const catalogue::Tool& tool) {
  ToolSettings settings{
      .enabled = tool.enabled, .arguments = tool.arguments, .justification = Justification::none};
  for (const auto& setting : policy.tools) {
    if (setting.pattern.matches(tool.server_name, tool.name)) {
      settings.enabled = settings.enabled && setting.enabled.value_or(true);
      settings.arguments = setting.arguments.value_or(settings.arguments);
      settings.justification = setting.justification == Justification::none ? settings.justification
                                                                            : setting.justification;
    }
  }
  return settings;
}

}  // namespace preloop::policy
