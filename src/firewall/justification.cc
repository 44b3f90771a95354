#include "firewall/justification.h"

#include "core/json_writer.h"
#include "core/text.h"
#include "redact/redact.h"

namespace preloop::firewall {
namespace {

constexpr std::size_t k_longest = 2000;
constexpr std::string_view k_property =
    R"({"type":"string","description":"Why this call is needed, in one sentence for the person who )"
    R"(may have to approve it. Not passed on to the tool."})";

/// The object without the member, its other members byte for byte.
std::string without_member(std::string_view object, core::Json parsed, std::string_view name) {
  std::string out = "{";
  for (const core::JsonMember& member : parsed.members()) {
    if (member.key == name) {
      continue;
    }
    out += out.size() > 1 ? "," : "";
    core::JsonWriter(out).string(member.key);
    out += ":";
    out += core::raw_member(object, member.key).value_or("null");
  }
  return out + "}";
}

}  // namespace

bool has_own_justification(const catalogue::Tool& tool) {
  const auto definition = core::JsonDocument::parse(tool.definition);
  return !definition || definition->root()["inputSchema"]["properties"][k_justification].exists();
}

std::string read_justification(core::Json arguments) {
  constexpr redact::Detectors k_masked{redact::Detector::secrets, redact::Detector::credit_card};
  const std::string_view given =
      core::trim(arguments[k_justification].as_string().value_or(std::string_view()));
  return core::printable(redact::mask(given, k_masked).text, k_longest);
}

std::optional<WithoutJustification> strip_justification(std::string_view params_text,
                                                        core::Json arguments,
                                                        std::string_view arguments_text) {
  if (!arguments[k_justification].exists()) {
    return std::nullopt;
  }
  std::string text = without_member(arguments_text, arguments, k_justification);
  auto parsed = core::JsonDocument::parse(text);
  if (!parsed) {
    return std::nullopt;  // not reached: the members were read from JSON
  }
  WithoutJustification out{
      .params_text = {}, .arguments_text = std::move(text), .arguments = std::move(*parsed)};
  const auto at = static_cast<std::size_t>(arguments_text.data() - params_text.data());
  out.params_text = std::string(params_text.substr(0, at)) + out.arguments_text +
                    std::string(params_text.substr(at + arguments_text.size()));
  return out;
}

std::string with_justification(std::string_view definition, policy::Justification justification) {
  const auto parsed = core::JsonDocument::parse(std::string(definition));
  if (!parsed || justification == policy::Justification::none) {
    return std::string(definition);
  }
  const core::Json schema = parsed->root()["inputSchema"];
  const core::Json properties = schema["properties"], required = schema["required"];
  if (!schema.is_object() || (properties.exists() && !properties.is_object()) ||
      (required.exists() && !required.is_array()) || properties[k_justification].exists()) {
    return std::string(definition);
  }
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  for (const core::JsonMember& member : schema.members()) {
    if (member.key != "properties" && member.key != "required") {
      writer.key(member.key).value(member.value());
    }
  }
  writer.key("properties").begin_object();
  for (const core::JsonMember& member : properties.members()) {
    writer.key(member.key).value(member.value());
  }
  writer.key(k_justification).raw(k_property).end_object().key("required").begin_array();
  for (const core::JsonNode& name : required.elements()) {
    writer.value(core::Json(&name));
  }
  if (justification == policy::Justification::required) {
    writer.string(k_justification);
  }
  writer.end_array().end_object();
  // Only the schema is written anew.
  const std::string_view old = *core::raw_member(definition, "inputSchema");
  const auto at = static_cast<std::size_t>(old.data() - definition.data());
  return std::string(definition.substr(0, at)) + out +
         std::string(definition.substr(at + old.size()));
}

}  // namespace preloop::firewall
