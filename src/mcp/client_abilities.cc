#include "mcp/client_abilities.h"

#include "core/json_writer.h"

namespace preloop::mcp {

ClientAbilities read_abilities(core::Json capabilities) {
  const core::Json elicitation = capabilities["elicitation"];
  ClientAbilities can;
  can.urls = elicitation["url"].is_object();
  // Before there were two modes an empty object meant forms, and it still does.
  can.forms = elicitation["form"].is_object() || (elicitation.is_object() && !can.urls);
  can.sampling = capabilities["sampling"].is_object();
  can.roots = capabilities["roots"].is_object();
  return can;
}

std::string capabilities_of(const ClientAbilities& can) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  if (can.forms || can.urls) {
    writer.key("elicitation").begin_object();
    if (can.forms) {
      writer.key("form").raw("{}");
    }
    if (can.urls) {
      writer.key("url").raw("{}");
    }
    writer.end_object();
  }
  if (can.sampling) {
    writer.key("sampling").raw("{}");
  }
  if (can.roots) {
    writer.key("roots").raw("{}");
  }
  writer.end_object();
  return out;
}

namespace {

bool is_by_address(std::string_view params) {
  const auto document = core::JsonDocument::parse(std::string(params));
  return document && document->root()["mode"].as_string() == "url";
}

}  // namespace

std::string needed_abilities(std::string_view method, std::string_view params) {
  if (method == "sampling/createMessage") {
    return R"({"sampling":{}})";
  }
  if (method == "roots/list") {
    return R"({"roots":{}})";
  }
  return is_by_address(params) ? R"({"elicitation":{"url":{}}})" : R"({"elicitation":{"form":{}}})";
}

std::optional<std::string> cannot_ask(const ClientAbilities& can,
                                      std::string_view method,
                                      std::string_view params) {
  if (method == "sampling/createMessage") {
    return can.sampling ? std::nullopt : std::optional<std::string>("this client cannot sample");
  }
  if (method == "roots/list") {
    return can.roots ? std::nullopt : std::optional<std::string>("this client has no roots");
  }
  if (method != "elicitation/create") {
    return "this client offers no such method";
  }
  if (is_by_address(params)) {
    return can.urls ? std::nullopt
                    : std::optional<std::string>("this client cannot send people to addresses");
  }
  return can.forms ? std::nullopt
                   : std::optional<std::string>("this client cannot show people forms");
}

}  // namespace preloop::mcp
