#include "api/yaml_json.h"

#include "core/json_writer.h"
#include "core/yaml.h"

#include <vector>

namespace preloop::api {
namespace {

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

}  // namespace

core::Result<std::string> yaml_to_json(std::string_view yaml) {
  PRELOOP_TRY(const std::vector<core::YamlNode> documents, core::parse_yaml(yaml));
  if (documents.size() != 1) {
    return core::fail(core::Code::invalid_argument, "one document is expected");
  }
  std::string out;
  core::JsonWriter writer(out);
  write_node(writer, documents.front());
  return out;
}

}  // namespace preloop::api
