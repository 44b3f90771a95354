#include "policy/compile_workflows.h"

#include "core/text.h"
#include "identity/permission.h"
#include "policy/yaml_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace preloop::policy {
namespace {

constexpr std::string_view k_default_workflow = "default";

class Maker {
 public:
  Maker(const Document& document, CompiledPolicy::Teams teams)
      : document_(document), teams_(teams) {}

  CompiledWorkflows run() {
    check_teams();
    workflows();
    return std::move(made_);
  }

 private:
  void problem(const Position& at, std::string path, std::string message) {
    made_.problems.push_back({place_of(at, std::move(path)), std::move(message)});
  }

  void check_teams() {
    for (const auto& [name, members] : document_.teams) {
      if (identity::parse_role(name) || name.find('@') != std::string::npos) {
        problem({},
                fmt::format("/teams/{}", name),
                "a team cannot be called like a role or an address: the name would be ambiguous");
      }
    }
  }

  /// Teams by their members; roles and addresses as they are.
  std::vector<std::string> people(const std::vector<std::string>& names,
                                  const Position& at,
                                  const std::string& path) {
    std::vector<std::string> out;
    const auto add = [&](const std::string& name) {
      if (std::ranges::find(out, name) == out.end()) {
        out.push_back(name);
      }
    };
    for (const std::string& name : names) {
      if (const auto team = document_.teams.find(name); team != document_.teams.end()) {
        std::ranges::for_each(team->second, add);
        continue;
      }
      if (name.find('@') == std::string::npos && !identity::parse_role(name) &&
          teams_ == CompiledPolicy::Teams::known) {
        std::vector<std::string_view> known = {"owner", "admin", "approver", "member", "viewer"};
        for (const auto& [team_name, members] : document_.teams) {
          known.push_back(team_name);
        }
        problem(at,
                path,
                fmt::format("'{}' is no team, no role (owner, admin, approver, member, viewer) and "
                            "no person's address{}",
                            core::printable(name, 64),
                            did_you_mean(name, known)));
      }
      add(name);
    }
    return out;
  }

  void workflows() {
    for (std::size_t i = 0; i < document_.workflows.size(); ++i) {
      const WorkflowText& text = document_.workflows[i];
      const std::string path = fmt::format("/workflows/{}", i);
      Workflow workflow{.name = text.name,
                        .approvers = people(text.approvers, text.at, path + "/approvers"),
                        .quorum = text.quorum,
                        .timeout = core::seconds(text.timeout),
                        .approval_valid_for = core::seconds(text.approval_valid_for),
                        .require_reason = text.require_reason,
                        .exclude_agent_owner = text.exclude_agent_owner,
                        .alternatives = {},
                        .decline = text.decline,
                        .escalation = {},
                        .async = text.async};
      for (const AlternativeText& other : text.alternatives) {
        workflow.alternatives.push_back(
            {.approvers = people(other.approvers, text.at, path + "/alternatives"),
             .quorum = other.quorum,
             .require_reason = other.require_reason});
        check_quorum(
            workflow.alternatives.back().approvers, other.quorum, text.at, path + "/alternatives");
      }
      for (const EscalationText& level : text.escalation) {
        workflow.escalation.push_back(
            {.after = core::seconds(level.after),
             .approvers = people(level.approvers, text.at, path + "/escalation"),
             .timeout = core::seconds(level.timeout)});
      }
      // Those of every level may make it up together.
      std::vector<std::string> all = workflow.approvers;
      for (const EscalationLevel& level : workflow.escalation) {
        std::ranges::copy_if(level.approvers, std::back_inserter(all), [&](const auto& name) {
          return std::ranges::find(all, name) == all.end();
        });
      }
      if (!workflow.approvers.empty()) {
        check_quorum(all, workflow.quorum, text.at, path + "/quorum");
      }
      if (!add_workflow(std::move(workflow))) {
        problem(text.at, path, fmt::format("two workflows are named '{}'", text.name));
      }
    }
    add_workflow(Workflow{.name = std::string(k_default_workflow)});  // unless the document has one
  }

  /// A quorum that its people cannot reach would only ever expire.
  void check_quorum(const std::vector<std::string>& approvers,
                    int quorum,
                    const Position& at,
                    std::string path) {
    const bool only_people =
        std::ranges::all_of(approvers, [](const auto& name) { return name.contains('@'); });
    if (only_people && std::cmp_less(approvers.size(), quorum)) {
      problem(
          at,
          std::move(path),
          fmt::format("a quorum of {} cannot be reached by {} people", quorum, approvers.size()));
    }
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
    for (const Alternative& other : workflow.alternatives) {
      hash.update_field(fmt::format("alternative|{}|{}|{}",
                                    other.quorum,
                                    other.require_reason,
                                    fmt::join(other.approvers, "|")));
    }
    if (workflow.decline != Declining::veto) {
      hash.update_field(to_string(workflow.decline));
    }
    for (const EscalationLevel& level : workflow.escalation) {
      hash.update_field(fmt::format("escalation|{}|{}|{}",
                                    level.after.count(),
                                    level.timeout.count(),
                                    fmt::join(level.approvers, "|")));
    }
    if (workflow.async) {
      hash.update_field("async");
    }
    workflow.content_hash = hash.finish();
    std::string name = workflow.name;
    return made_.workflows
        .emplace(std::move(name), std::make_shared<const Workflow>(std::move(workflow)))
        .second;
  }

  const Document& document_;
  CompiledPolicy::Teams teams_;
  CompiledWorkflows made_;
};

}  // namespace

CompiledWorkflows compile_workflows(const Document& document, CompiledPolicy::Teams teams) {
  return Maker(document, teams).run();
}

std::string place_of(const Position& at, std::string path) {
  return at.line > 0 ? fmt::format("{}:{}", at.line, at.column) : std::move(path);
}

}  // namespace preloop::policy
