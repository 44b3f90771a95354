#include "api/routes/routes.h"
#include "cel/function.h"
#include "core/json_writer.h"
#include "policy/rule_check.h"
#include "policy/usage.h"

namespace preloop::api {
namespace {

using core::Result;
using core::Task;
using net::Response;

/// `path` and what is below it: "tool", "tool.annotations", "tool.annotations.readOnlyHint".
void write_names(core::JsonWriter& out, const std::string& path, const cel::Type& type) {
  out.begin_object().field("name", path).field("type", cel::to_string(type)).end_object();
  for (const cel::Field& field : type.fields) {
    write_names(out, path + "." + field.name, *field.type);
  }
}

std::string_view style_of(const cel::Function& function) {
  switch (function.style) {
    case cel::CallStyle::global:
      return "global";
    case cel::CallStyle::member:
      return "member";
    case cel::CallStyle::either:
      break;
  }
  return "either";
}

void write_library(core::JsonWriter& out,
                   std::string_view library,
                   std::span<const cel::Function> functions) {
  for (const cel::Function& function : functions) {
    out.begin_object()
        .field("name", function.name)
        .field("library", library)
        .field("style", style_of(function))
        .field("signatures", function.signatures)
        .field("summary", function.summary)
        .end_object();
  }
}

Task<Result<Response>> get(Call&) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("names").begin_array();
  for (const cel::Variable& variable : policy::condition_variables()) {
    write_names(writer, std::string(variable.name), *variable.type);
  }
  writer.end_array().key("functions").begin_array();
  for (const cel::Library& library : cel::libraries()) {
    write_library(writer, library.name, library.functions);
  }
  write_library(writer, "earlier calls", policy::usage_functions());
  writer.end_array().end_object();
  co_return reply(200, std::move(out));
}

constexpr Route k_routes[] = {
    {"get_condition_language", get},
};

}  // namespace

std::span<const Route> condition_language_routes() {
  return k_routes;
}

}  // namespace preloop::api
