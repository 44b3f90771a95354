#include "api/contract.h"

#include "api/contract_files.h"
#include "core/json.h"
#include "core/json_writer.h"
#include "core/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Json;

constexpr std::array<std::string_view, 5> k_methods = {"get", "put", "post", "delete", "patch"};

void write_node(core::JsonWriter& out, const core::YamlNode& node) {
  using Kind = core::YamlNode::Kind;
  if (node.kind == Kind::mapping) {
    out.begin_object();
    for (const auto& [key, value] : node.members) {
      out.key(key.text);
      write_node(out, value);
    }
    out.end_object();
  } else if (node.kind == Kind::sequence) {
    out.begin_array();
    for (const core::YamlNode& element : node.elements) {
      write_node(out, element);
    }
    out.end_array();
  } else if (node.is_null()) {
    out.null();
  } else if (const auto flag = node.as_bool()) {
    out.boolean(*flag);
  } else if (const auto whole = node.as_int()) {
    out.integer(*whole);
  } else if (const auto number = node.as_number()) {
    out.number(*number);
  } else {
    out.string(node.text);
  }
}

core::Status read_access(Operation& operation, std::string_view text) {
  if (text == "public") {
    operation.access = Access::anybody;
  } else if (text == "person") {
    operation.access = Access::person;
  } else if (text == "session") {
    operation.access = Access::session;
  } else if (text == "operator_key") {
    operation.access = Access::operator_key;
  } else if (const auto permission = identity::parse_permission(text)) {
    operation.permission = *permission;
  } else {
    return fail(Code::internal, fmt::format("{}: unknown x-permission", operation.id));
  }
  return {};
}

/// The body's schema in a document of its own, beside the components it refers to.
core::Result<schema::Schema> body_schema(Json body, const std::string& components) {
  const std::string text =
      fmt::format(R"({{"$defs":{{"body":{}}},"$ref":"#/$defs/body","components":{}}})",
                  body.dump(),
                  components);
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(text));
  return schema::Schema::compile(document.root());
}

class Loader {
 public:
  explicit Loader(Json root) : root_(root), components_(root["components"].dump()) {}

  core::Result<Operation> operation(std::string_view path, std::string_view method, Json json) {
    Operation out;
    out.id = json["operationId"].as_string().value_or("");
    out.path = path;
    for (const char c : method) {
      out.method += static_cast<char>(c - 'a' + 'A');
    }
    if (out.id.empty()) {
      return fail(Code::internal, fmt::format("{} {} has no operationId", method, path));
    }
    PRELOOP_CHECK(read_access(out, json["x-permission"].as_string().value_or("")));
    const auto repeat = json["x-idempotency"].as_string().value_or("");
    out.repeat = repeat == "replay" ? Repeat::replay
                 : repeat == "once" ? Repeat::once
                                    : Repeat::none;
    out.if_match = json["x-if-match"].as_bool().value_or(false);
    for (const core::JsonNode& node : json["parameters"].elements()) {
      const Json parameter = resolve(Json(&node));
      if (parameter["in"].as_string() == "query") {
        out.query.emplace_back(parameter["name"].as_string().value_or(""));
      }
    }
    const Json content = json["requestBody"]["content"];
    if (const Json media = content["application/json"]; media.exists()) {
      auto compiled = body_schema(media["schema"], components_);
      if (!compiled) {
        return fail(Code::internal, fmt::format("{}: {}", out.id, compiled.error().message));
      }
      out.body = std::move(*compiled);
      out.body_required = json["requestBody"]["required"].as_bool().value_or(false);
      out.takes_yaml = content["application/yaml"].exists();
    }
    return out;
  }

 private:
  /// `#/components/…` of the document, one step.
  Json resolve(Json json) const {
    const auto reference = json["$ref"].as_string();
    if (!reference || !reference->starts_with("#/")) {
      return json;
    }
    Json at = root_;
    std::string_view rest = reference->substr(2);
    while (!rest.empty()) {
      const auto slash = rest.find('/');
      at = at[rest.substr(0, slash)];
      rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    }
    return at;
  }

  Json root_;
  std::string components_;
};

}  // namespace

core::Result<std::string> yaml_to_json(std::string_view yaml) {
  PRELOOP_TRY(const std::vector<core::YamlNode> documents, core::parse_yaml(yaml));
  if (documents.size() != 1) {
    return fail(Code::invalid_argument, "one document is expected");
  }
  std::string out;
  core::JsonWriter writer(out);
  write_node(writer, documents.front());
  return out;
}

core::Result<Contract> Contract::load(std::string_view yaml) {
  Contract contract;
  PRELOOP_TRY(contract.json, yaml_to_json(yaml));
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(contract.json));
  Loader loader(document.root());
  for (const core::JsonMember& path : document.root()["paths"].members()) {
    for (const core::JsonMember& method : path.value().members()) {
      if (std::ranges::find(k_methods, method.key) == k_methods.end()) {
        return fail(Code::internal, fmt::format("{}: unknown method {}", path.key, method.key));
      }
      PRELOOP_TRY(Operation operation, loader.operation(path.key, method.key, method.value()));
      contract.operations.push_back(std::move(operation));
    }
  }
  return contract;
}

core::Result<Contract> Contract::load() {
  return load(contract_files().front().content);
}

}  // namespace preloop::api
