#include "policy/name_check.h"

#include "catalogue/names.h"
#include "catalogue/requests.h"
#include "core/text.h"
#include "core/yaml.h"
#include "policy/patterns.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

namespace preloop::policy {
namespace {

std::string path_of(const Position& at, std::string fallback) {
  return at.line > 0 ? fmt::format("{}:{}", at.line, at.column) : std::move(fallback);
}

/// Visits every tool pattern of a document with its place.
template <class Visit>
void each_pattern(const Document& document, Visit visit) {
  const auto rules = [&](const std::vector<RuleText>& list, const std::string& base) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      visit(list[i].tool, path_of(list[i].at, fmt::format("{}/{}/tool", base, i)));
    }
  };
  rules(document.rules, "/rules");
  for (std::size_t i = 0; i < document.tools.size(); ++i) {
    visit(document.tools[i].name, path_of(document.tools[i].at, fmt::format("/tools/{}/name", i)));
  }
  const auto scopes = [&](const ScopeTexts& texts, std::string_view what) {
    for (const auto& [name, scope] : texts) {
      rules(scope.rules, fmt::format("/scopes/{}/{}/rules", what, name));
      for (std::size_t i = 0; i < scope.tools.size(); ++i) {
        visit(scope.tools[i].name,
              path_of(scope.tools[i].at, fmt::format("/scopes/{}/{}/tools/{}", what, name, i)));
      }
    }
  };
  scopes(document.agents, "agents");
  scopes(document.keys, "keys");
}

class Checker {
 public:
  Checker(const Document& document,
          const Document& in_force,
          const catalogue::Catalogue& catalogue) {
    each_pattern(in_force,
                 [&](const std::string& text, const std::string&) { in_force_.insert(text); });
    if (document.servers) {
      for (const catalogue::ServerConfig& config : *document.servers) {
        const catalogue::Server* const known = catalogue.find_server(config.name);
        const bool same = known != nullptr &&
                          catalogue::identity_of(known->config) == catalogue::identity_of(config);
        add_server(config.name, same && known->accepted);
      }
    } else {
      for (const auto& server : catalogue.servers()) {
        add_server(server->config.name, server->accepted);
      }
    }
    for (const catalogue::ToolPtr& tool : catalogue.tools()) {
      if (servers_.contains(tool->server_name)) {
        tools_.push_back(tool.get());
      }
    }
  }

  void check(const std::string& text, std::string path, NameProblems& out) const {
    const auto pattern = ToolPattern::parse(text);
    if (!pattern || catalogue::is_reserved_tool_name(pattern->name)) {
      return;  // the compiler tells
    }
    const bool matched =
        std::ranges::any_of(tools_,
                            [&](const catalogue::Tool* tool) {
                              return pattern->matches(tool->server_name, tool->name);
                            }) ||
        names_requests(*pattern);
    if (matched) {
      return;
    }
    const bool known = is_complete_ && !servers_.empty();
    const bool is_error = known && !pattern->has_wildcard() && !in_force_.contains(text);
    (is_error ? out.errors : out.warnings).push_back({std::move(path), message(text, *pattern)});
  }

 private:
  /// Of a server, or of any: what every server has beside its tools.
  bool names_requests(const ToolPattern& pattern) const {
    return catalogue::parse_request_name(pattern.name) &&
           (pattern.server.empty() || servers_.contains(pattern.server));
  }

  void add_server(const std::string& name, bool listed) {
    servers_.insert(name);
    is_complete_ = is_complete_ && listed;
  }

  std::string message(const std::string& text, const ToolPattern& pattern) const {
    const std::string shown = core::printable(text, 128);
    std::vector<std::string_view> names;
    if (!pattern.server.empty() && !servers_.contains(pattern.server)) {
      names.assign(servers_.begin(), servers_.end());
      return fmt::format("'{}': there is no server '{}'{}",
                         shown,
                         core::printable(pattern.server, 64),
                         suggestion(pattern.server, names));
    }
    for (const catalogue::Tool* const tool : tools_) {
      if (pattern.server.empty() || pattern.server == tool->server_name) {
        names.push_back(tool->name);
      }
    }
    return fmt::format(
        "'{}': no known server has such a tool{}", shown, suggestion(pattern.name, names));
  }

  static std::string suggestion(std::string_view name, const std::vector<std::string_view>& names) {
    const std::string_view near = core::nearest_name(name, names);
    return near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near);
  }

  std::set<std::string, std::less<>> in_force_;
  std::set<std::string, std::less<>> servers_;
  std::vector<const catalogue::Tool*> tools_;
  bool is_complete_ = true;
};

void check_people(const Document& document,
                  const identity::Directory& directory,
                  core::AccountId account,
                  NameProblems& out) {
  const auto check = [&](const std::vector<std::string>& names, const std::string& path) {
    for (const std::string& name : names) {
      if (name.find('@') != std::string::npos && directory.find_person(account, name) == nullptr) {
        out.warnings.push_back(
            {path, fmt::format("nobody here has the address '{}'", core::printable(name, 128))});
      }
    }
  };
  for (std::size_t i = 0; i < document.workflows.size(); ++i) {
    const WorkflowText& workflow = document.workflows[i];
    const std::string path = path_of(workflow.at, fmt::format("/workflows/{}", i));
    check(workflow.approvers, path);
    for (const AlternativeText& other : workflow.alternatives) {
      check(other.approvers, path);
    }
    for (const EscalationText& level : workflow.escalation) {
      check(level.approvers, path);
    }
  }
  for (const auto& [name, members] : document.teams) {
    check(members, fmt::format("/teams/{}", name));
  }
}

void check_scopes(const Document& document,
                  const identity::Directory& directory,
                  core::AccountId account,
                  NameProblems& out) {
  for (const auto& [name, scope] : document.agents) {
    if (directory.find_agent(account, name) == nullptr) {
      out.warnings.push_back(
          {path_of(scope.at, fmt::format("/scopes/agents/{}", name)),
           fmt::format("there is no agent '{}' yet", core::printable(name, 64))});
    }
  }
  for (const auto& [name, scope] : document.keys) {
    const bool found = std::ranges::any_of(directory.keys(), [&](const identity::KeyInfo& key) {
      return key.account == account && key.name == name;
    });
    if (!found) {
      out.warnings.push_back({path_of(scope.at, fmt::format("/scopes/keys/{}", name)),
                              fmt::format("there is no key '{}' yet", core::printable(name, 64))});
    }
  }
}

}  // namespace

NameProblems check_names(const Document& document,
                         const Document& in_force,
                         const catalogue::Catalogue& catalogue,
                         const identity::Directory& directory,
                         core::AccountId account) {
  NameProblems out;
  const Checker checker(document, in_force, catalogue);
  each_pattern(document, [&](const std::string& text, std::string path) {
    checker.check(text, std::move(path), out);
  });
  check_people(document, directory, account, out);
  check_scopes(document, directory, account, out);
  return out;
}

}  // namespace preloop::policy
