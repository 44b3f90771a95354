#include "catalogue/definition.h"

#include "catalogue/names.h"
#include "core/json_writer.h"
#include "core/text.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace preloop::catalogue {
namespace {

constexpr std::size_t k_max_definition = 256 * 1024;
constexpr std::size_t k_max_name = 128;

constexpr std::size_t k_max_param_headers = 64;

/// RFC 9110, section 5.6.2: what may be in a header's name.
bool is_token(std::string_view text) {
  constexpr std::string_view k_token =
      "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.find_first_not_of(k_token) == std::string_view::npos;
}

/// Those that a chain of `properties` leads to; one anywhere else says nothing.
void read_param_headers(core::Json schema,
                        std::vector<std::string>& path,
                        std::vector<ParamHeader>& out) {
  for (const core::JsonMember& member : schema["properties"].members()) {
    path.emplace_back(member.key);
    const auto header = member.value()["x-mcp-header"].as_string();
    if (header && is_token(*header) && out.size() < k_max_param_headers) {
      out.push_back({path, std::string(*header)});
    }
    read_param_headers(member.value(), path, out);
    path.pop_back();
  }
}

bool flag(core::Json annotations, std::string_view name, bool fallback) {
  return annotations[name].as_bool().value_or(fallback);
}

}  // namespace

core::Digest definition_hash(core::Json tool) {
  std::map<std::string_view, core::Json> members;
  for (const core::JsonMember& member : tool.members()) {
    if (member.key != "_meta") {
      members.emplace(member.key, member.value());
    }
  }
  core::Sha256 hash;
  hash.update_field("preloop.definition.v1");
  for (const auto& [name, value] : members) {
    hash.update_field(name).update_field(core::canonical_json(value));
  }
  return hash.finish();
}

core::Result<Tool> read_definition(core::Json tool, std::string_view tool_text) {
  Tool out;
  const auto name = tool["name"].as_string();
  if (!name || name->empty() || name->size() > k_max_name || core::printable(*name) != *name) {
    return core::fail(core::Code::invalid_argument,
                      "a tool without a usable name (1 to 128 printable characters)");
  }
  if (tool_text.size() > k_max_definition) {
    return core::fail(core::Code::invalid_argument,
                      fmt::format("the definition of '{}' is larger than 256 KiB", *name));
  }
  out.name = *name;
  out.definition = tool_text;
  out.definition_hash = definition_hash(tool);
  out.description = tool["description"].as_string().value_or("");
  const core::Json annotations = tool["annotations"];
  out.annotations = {.read_only_hint = flag(annotations, "readOnlyHint", false),
                     .destructive_hint = flag(annotations, "destructiveHint", true),
                     .idempotent_hint = flag(annotations, "idempotentHint", false),
                     .open_world_hint = flag(annotations, "openWorldHint", true)};
  const core::Json schema = tool["inputSchema"];
  if (!schema.exists()) {
    out.schema_problem = "the server gives no input schema";
  } else if (auto compiled = schema::Schema::compile(schema)) {
    std::vector<std::string> path;
    read_param_headers(schema, path, out.param_headers);
    out.input_schema = std::make_shared<const schema::Schema>(std::move(*compiled));
  } else {
    out.schema_problem = core::printable(compiled.error().message);
  }
  return out;
}

std::string exposed_definition(const Tool& tool) {
  const auto name = core::raw_member(tool.definition, "name");
  if (!name) {
    return tool.definition;
  }
  const auto at = static_cast<std::size_t>(name->data() - tool.definition.data());
  std::string quoted;
  core::JsonWriter(quoted).string(tool.exposed_name);
  return tool.definition.substr(0, at) + quoted + tool.definition.substr(at + name->size());
}

std::vector<std::string> drop_ambiguous(std::vector<Tool>& tools) {
  std::vector<std::string> problems;
  std::set<std::string> seen;
  std::erase_if(tools, [&](const Tool& tool) {
    if (seen.insert(skeleton(tool.name)).second) {
      return false;
    }
    problems.push_back(fmt::format("'{}' looks like another tool of this server and is left out",
                                   core::printable(tool.name, 128)));
    return true;
  });
  return problems;
}

}  // namespace preloop::catalogue
