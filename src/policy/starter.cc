#include "policy/starter.h"

#include "core/json.h"
#include "core/text.h"
#include "core/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace preloop::policy {
namespace {

/// Words of tools' names, and what they mean for whoever has to answer for them.
struct Danger {
  std::string_view word;
  std::string_view what;
};
constexpr std::array k_dangers = {
    Danger{"deploy", "deploys"},
    Danger{"rollback", "deploys"},
    Danger{"release", "deploys"},
    Danger{"delete", "deletes"},
    Danger{"remove", "deletes"},
    Danger{"destroy", "deletes"},
    Danger{"drop", "deletes"},
    Danger{"purge", "deletes"},
    Danger{"truncate", "deletes"},
    Danger{"wipe", "deletes"},
    Danger{"pay", "moves money"},
    Danger{"payment", "moves money"},
    Danger{"refund", "moves money"},
    Danger{"transfer", "moves money"},
    Danger{"charge", "moves money"},
    Danger{"purchase", "moves money"},
    Danger{"migrate", "changes a database"},
    Danger{"sql", "changes a database"},
    Danger{"execute", "runs what it is given"},
    Danger{"exec", "runs what it is given"},
    Danger{"eval", "runs what it is given"},
    Danger{"shell", "runs what it is given"},
    Danger{"bash", "runs what it is given"},
    Danger{"scale", "changes infrastructure"},
    Danger{"provision", "changes infrastructure"},
    Danger{"terminate", "changes infrastructure"},
    Danger{"restart", "changes infrastructure"},
    Danger{"send", "reaches people outside"},
    Danger{"publish", "reaches people outside"},
    Danger{"email", "reaches people outside"},
    Danger{"merge", "changes shared work"},
    Danger{"bulk", "changes many things at once"},
    Danger{"batch", "changes many things at once"},
};
constexpr std::array<std::string_view, 12> k_reads = {"get",
                                                      "list",
                                                      "read",
                                                      "search",
                                                      "find",
                                                      "show",
                                                      "view",
                                                      "describe",
                                                      "count",
                                                      "fetch",
                                                      "query",
                                                      "lookup"};
constexpr std::array<std::string_view, 4> k_amounts = {"amount", "total", "price", "value"};
constexpr std::array<std::string_view, 3> k_environments = {"environment", "env", "stage"};

/// "deployProduction" and "deploy_production" are the same words.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> out(1);
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool word = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if ((!word || upper) && !out.back().empty()) {
      out.emplace_back();
    }
    if (word) {
      out.back() += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

const Danger* danger_of(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const auto found = std::ranges::find(k_dangers, std::string_view(word), &Danger::word);
    if (found != k_dangers.end()) {
      return &*found;
    }
  }
  return nullptr;
}

/// A property of the input schema with one of the names: its name and schema.
std::optional<std::pair<std::string_view, core::Json>> property(
    core::Json schema, std::span<const std::string_view> names) {
  for (const core::JsonMember& member : schema["properties"].members()) {
    if (std::ranges::find(names, core::ascii_lower(member.key)) != names.end()) {
      return std::pair(member.key, member.value());
    }
  }
  return std::nullopt;
}

bool is_identifier(std::string_view name) {
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

class Writer {
 public:
  void tool(const catalogue::Tool& tool) {
    const auto definition = core::JsonDocument::parse(tool.definition);
    const core::Json schema = definition ? definition->root()["inputSchema"] : core::Json();
    const std::vector<std::string> words = words_of(tool.name);
    const Danger* const danger = danger_of(words);
    const bool says_read_only = tool.annotations.read_only_hint;
    const bool sounds_like_reading =
        std::ranges::find(k_reads, std::string_view(words.front())) != k_reads.end();
    const bool says_destructive =
        definition && definition->root()["annotations"]["destructiveHint"].as_bool() == true;
    if (danger != nullptr && !(says_read_only && sounds_like_reading)) {
      dangerous(tool, schema, *danger, says_read_only);
    } else if (says_destructive && !says_read_only) {
      reason("says of itself that it destroys (destructiveHint)");
      rule(tool, "", "require_approval");
    } else if (says_read_only) {
      reason("says of itself that it only reads (readOnlyHint)");
      rule(tool, "", "allow");
    } else if (sounds_like_reading) {
      reason(fmt::format("reads, by its name ('{}'); it does not say so itself", words.front()));
      rule(tool, "", "allow");
    } else {
      reason("may change something: it does not say that it only reads");
      rule(tool, "", "require_approval");
    }
  }
  const std::string& text() const { return out_; }

 private:
  void dangerous(const catalogue::Tool& tool,
                 core::Json schema,
                 const Danger& danger,
                 bool says_read_only) {
    const std::string contradiction =
        says_read_only ? " (although it says that it only reads)" : "";
    const auto amount = property(schema, k_amounts);
    if (danger.what == "moves money" && amount && is_identifier(amount->first)) {
      reason(fmt::format(
          "{}: small amounts pass, others ask{}; adjust the limit", danger.what, contradiction));
      rule(tool, fmt::format("has(args.{0}) && args.{0} <= 100", amount->first), "allow");
      rule(tool, "", "require_approval");
      return;
    }
    const auto environment = property(schema, k_environments);
    if (environment && is_identifier(environment->first)) {
      const std::string production = production_of(environment->second);
      reason(fmt::format(
          "{}: asks in {}; elsewhere it passes{}", danger.what, production, contradiction));
      rule(tool,
           fmt::format("!has(args.{0}) || args.{0} == '{1}'", environment->first, production),
           "require_approval");
      rule(tool, "", "allow");
      return;
    }
    reason(fmt::format("{}, by its name ('{}'){}", danger.what, danger.word, contradiction));
    rule(tool, "", "require_approval");
  }

  /// The value of an enumeration that sounds like production.
  static std::string production_of(core::Json schema) {
    for (const core::JsonNode& value : schema["enum"].elements()) {
      const auto text = core::Json(&value).as_string();
      if (text && core::ascii_lower(*text).starts_with("prod") && is_identifier(*text)) {
        return std::string(*text);
      }
    }
    return "production";
  }

  void reason(const std::string& text) { out_ += "  # " + text + "\n"; }
  void rule(const catalogue::Tool& tool, const std::string& when, std::string_view action) {
    out_ += fmt::format("  - {{tool: {}", core::yaml_scalar(tool.server_name + "/" + tool.name));
    if (!when.empty()) {
      out_ += fmt::format(", when: {}", core::yaml_scalar(when));
    }
    out_ += fmt::format(", action: {}}}\n", action);
  }

  std::string out_;
};

}  // namespace

std::string starter_policy(const std::vector<catalogue::ToolPtr>& tools) {
  Writer writer;
  for (const catalogue::ToolPtr& tool : tools) {
    writer.tool(*tool);
  }
  const std::string& rules = writer.text();
  return fmt::format(
      "# Rules to begin with: read each one before applying it.\n"
      "version: 2\n"
      "rules:{}\n{}"
      "defaults: {{unknown_tools: require_approval, no_match: require_approval, "
      "new_tools: require_approval, workflow: default}}\n",
      rules.empty() ? " []" : "",
      rules);
}

}  // namespace preloop::policy
