#include "policy/compiled.h"

#include "core/text.h"
#include "identity/permission.h"
#include "policy/compiled_impl.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace preloop::policy {
namespace {

constexpr std::string_view k_default_workflow = "default";

/// Words of later versions that must not be mistaken for a typing error.
constexpr std::string_view k_unenforced_names[] = {"session", "calls", "request", "approvers"};

class Compiler {
 public:
  explicit Compiler(Document document) : impl_(std::make_unique<CompiledPolicy::Impl>()) {
    impl_->document = std::move(document);
  }

  core::Result<std::unique_ptr<const CompiledPolicy::Impl>> run() {
    const Document& document = impl_->document;
    workflows();
    impl_->account = rules(document.rules, Scope::account, "");
    for (const auto& [name, list] : document.agent_rules) {
      impl_->agents.emplace(name, rules(list, Scope::agent, name));
    }
    for (const auto& [name, list] : document.key_rules) {
      impl_->keys.emplace(name, rules(list, Scope::key, name));
    }
    servers();
    tools();
    impl_->default_workflow = workflow(document.defaults.workflow, {}, "defaults.workflow");
    if (!problems_.empty()) {
      const core::ErrorDetail first = problems_.front();
      return core::fail(
          core::Code::invalid_argument,
          problems_.size() == 1
              ? fmt::format("{}: {}", first.path, first.message)
              : fmt::format(
                    "{}: {} (and {} more)", first.path, first.message, problems_.size() - 1),
          std::move(problems_));
    }
    impl_->hash = core::sha256(write_document(document));
    return std::unique_ptr<const CompiledPolicy::Impl>(std::move(impl_));
  }

 private:
  /// `path` stands in when the text came from elsewhere than a file.
  void problem(const Position& at, std::string path, std::string message) {
    if (at.line > 0) {
      path = fmt::format("{}:{}", at.line, at.column);
    }
    problems_.push_back({std::move(path), std::move(message)});
  }

  void workflows() {
    for (std::size_t i = 0; i < impl_->document.workflows.size(); ++i) {
      const WorkflowText& text = impl_->document.workflows[i];
      const std::string path = fmt::format("/workflows/{}", i);
      for (const std::string& approver : text.approvers) {
        const bool person = approver.find('@') != std::string::npos;
        if (!person && !identity::parse_role(approver)) {
          problem(
              text.at,
              path,
              fmt::format("'{}' is neither a role (owner, admin, approver, member, viewer) nor a "
                          "person's address; teams are not enforced by this version",
                          core::printable(approver, 64)));
        }
      }
      Workflow workflow{.name = text.name,
                        .approvers = text.approvers,
                        .quorum = text.quorum,
                        .timeout = core::seconds(text.timeout),
                        .approval_valid_for = core::seconds(text.approval_valid_for),
                        .require_reason = text.require_reason,
                        .exclude_agent_owner = text.exclude_agent_owner};
      if (!add_workflow(std::move(workflow))) {
        problem(text.at, path, fmt::format("two workflows are named '{}'", text.name));
      }
    }
    add_workflow(Workflow{.name = std::string(k_default_workflow)});  // unless the document has one
  }

  bool add_workflow(Workflow workflow) {
    core::Sha256 hash;
    hash.update_field("preloop.workflow.v1").update_field(workflow.name);
    for (const std::string& approver : workflow.approvers) {
      hash.update_field(approver);
    }
    hash.update_field(fmt::format("{}|{}|{}|{}|{}",
                                  workflow.quorum,
                                  workflow.timeout.count(),
                                  workflow.approval_valid_for.count(),
                                  workflow.require_reason,
                                  workflow.exclude_agent_owner));
    workflow.content_hash = hash.finish();
    std::string name = workflow.name;
    return impl_->workflows
        .emplace(std::move(name), std::make_shared<const Workflow>(std::move(workflow)))
        .second;
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
            fmt::format("there is no workflow '{}'; there are: {}",
                        core::printable(name, 64),
                        fmt::join(names, ", ")));
    return nullptr;
  }

  RuleList rules(const std::vector<RuleText>& texts, Scope scope, const std::string& scope_name) {
    std::vector<Rule> out;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const RuleText& text = texts[i];
      const std::string path =
          scope == Scope::account
              ? fmt::format("/rules/{}", i)
              : fmt::format("/scopes/{}s/{}/rules/{}", to_string(scope), scope_name, i);
      Rule rule;
      rule.action = text.action;
      rule.message = text.message;
      rule.match = {.scope = scope,
                    .scope_name = scope_name,
                    .position = i + 1,
                    .tool = text.tool,
                    .when = text.when,
                    .error = {}};
      if (auto pattern = ToolPattern::parse(text.tool)) {
        rule.pattern = std::move(*pattern);
      } else {
        problem(text.at, path + "/tool", pattern.error().message);
      }
      if (!text.when.empty()) {
        condition(rule, text, path + "/when");
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

  void condition(Rule& rule, const RuleText& text, const std::string& path) {
    cel::CompileOptions options;
    options.variables = k_condition_variables;
    auto program = cel::compile(text.when, options);
    if (program) {
      rule.when = std::move(*program);
      return;
    }
    std::string message = program.error().message;
    for (const std::string_view name : k_unenforced_names) {
      if (text.when.find(name) != std::string::npos && message.find(name) != std::string::npos) {
        message += fmt::format(" (conditions on '{}' are not enforced by this version)", name);
      }
    }
    problem(text.at, path, fmt::format("condition: {}", message));
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
      if (auto pattern = ToolPattern::parse(text.name)) {
        impl_->tools.push_back({std::move(*pattern), text.enabled, text.arguments});
      } else {
        problem(text.at, fmt::format("/tools/{}/name", i), pattern.error().message);
      }
    }
  }

  std::unique_ptr<CompiledPolicy::Impl> impl_;
  std::vector<core::ErrorDetail> problems_;
};

}  // namespace

RuleList::RuleList(std::vector<Rule> rules) : rules_(std::move(rules)) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i].pattern.has_wildcard()) {
      wildcards_.push_back(i);
    } else {
      by_name_[rules_[i].pattern.name].push_back(i);
    }
  }
}

CompiledPolicy::CompiledPolicy(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
CompiledPolicy::~CompiledPolicy() = default;

core::Result<std::shared_ptr<const CompiledPolicy>> CompiledPolicy::compile(Document document) {
  PRELOOP_TRY(auto impl, Compiler(std::move(document)).run());
  return std::make_shared<const CompiledPolicy>(std::move(impl));
}

const Document& CompiledPolicy::document() const {
  return impl_->document;
}
const core::Digest& CompiledPolicy::hash() const {
  return impl_->hash;
}
WorkflowPtr CompiledPolicy::find_workflow(std::string_view name) const {
  const auto found = impl_->workflows.find(name);
  return found == impl_->workflows.end() ? nullptr : found->second;
}

}  // namespace preloop::policy
