#include "api/contract.h"

#include "api/contract_files.h"
#include "core/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Json;

constexpr std::array<std::string_view, 5> k_methods = {"get", "put", "post", "delete", "patch"};

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

constexpr std::string_view k_schema_reference = "#/components/schemas/";

/// Adds the names that `text` refers to, and what those refer to.
void collect_schemas(Json schemas,
                     const std::string& text,
                     std::map<std::string, std::string>& out) {
  for (auto at = text.find(k_schema_reference); at != std::string::npos;
       at = text.find(k_schema_reference, at + 1)) {
    const auto begin = at + k_schema_reference.size();
    std::string name = text.substr(begin, text.find('"', begin) - begin);
    const Json schema = schemas[name];
    if (schema.exists() && !out.contains(name)) {
      const std::string& added = out.emplace(std::move(name), schema.dump()).first->second;
      collect_schemas(schemas, added, out);
    }
  }
}

/// The body's schema in a document of its own, beside the components it refers to and no others:
/// every schema compiled is paid for at each start.
core::Result<schema::Schema> body_schema(Json body, Json schemas) {
  const std::string text = body.dump();
  std::map<std::string, std::string> used;
  collect_schemas(schemas, text, used);
  std::string wrapped = R"({"$defs":{"body":)" + text + R"(},"$ref":"#/$defs/body",)";
  wrapped += R"("components":{"schemas":{)";
  for (bool first = true; const auto& [name, schema] : used) {
    wrapped += fmt::format(R"({}"{}":{})", first ? "" : ",", name, schema);
    first = false;
  }
  wrapped += "}}}";
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(std::move(wrapped)));
  return schema::Schema::compile(document.root());
}

class Loader {
 public:
  explicit Loader(Json root) : root_(root) {}

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
      auto compiled = body_schema(media["schema"], root_["components"]["schemas"]);
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
};

}  // namespace

core::Result<Contract> Contract::load(std::string json) {
  Contract contract;
  contract.json = std::move(json);
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
  return load(std::string(contract_files().front().content));
}

}  // namespace preloop::api
