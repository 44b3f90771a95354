#include "firewall/answer_redaction.h"

#include "core/json.h"
#include "core/json_writer.h"

namespace preloop::firewall {
namespace {

/// A text block whose text is an object or a list: as it reads after redaction. One that begins
/// like one and cannot be read (a key twice, lines of several objects, a number of 20 digits) may
/// have the fields all the same, and is an error.
core::Result<std::string> redact_text(std::string_view text, const policy::RedactionRules& rules) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (begin == std::string_view::npos || (text[begin] != '{' && text[begin] != '[')) {
    return std::string(text);  // has no fields; strings are looked through afterwards
  }
  const auto parsed = core::JsonDocument::parse(std::string(text));
  if (!parsed) {
    return core::fail(core::Code::invalid_argument,
                      "a text that looks like JSON cannot be read: " + parsed.error().message);
  }
  return policy::redact(text, rules);
}

/// `block` is of the content of a tool's result, a resource's contents or the content of a prompt's
/// message.
core::Status write_block(core::JsonWriter& out,
                         core::Json block,
                         const policy::RedactionRules& rules) {
  const auto text = block["text"].as_string();
  const auto type = block["type"].as_string();
  if ((type && type != "text") || !text) {
    out.value(block);
    return {};
  }
  out.begin_object();
  for (const core::JsonMember& member : block.members()) {
    out.key(member.key);
    if (member.key == "text") {
      PRELOOP_TRY(const std::string after, redact_text(*text, rules));
      out.string(after);
    } else {
      out.value(member.value());
    }
  }
  out.end_object();
  return {};
}

/// A message of a prompt.
core::Status write_message(core::JsonWriter& out,
                           core::Json message,
                           const policy::RedactionRules& rules) {
  if (!message.is_object()) {
    out.value(message);
    return {};
  }
  out.begin_object();
  for (const core::JsonMember& member : message.members()) {
    out.key(member.key);
    if (member.key == "content" && member.value().is_object()) {
      PRELOOP_CHECK(write_block(out, member.value(), rules));
    } else {
      out.value(member.value());
    }
  }
  out.end_object();
  return {};
}

core::Result<std::string> redact_fields(std::string_view result,
                                        const policy::RedactionRules& rules) {
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(std::string(result)));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  for (const core::JsonMember& member : document.root().members()) {
    writer.key(member.key);
    if (member.key == "messages" && member.value().is_array()) {
      writer.begin_array();
      for (const core::JsonNode& message : member.value().elements()) {
        PRELOOP_CHECK(write_message(writer, core::Json(&message), rules));
      }
      writer.end_array();
    } else if ((member.key == "content" || member.key == "contents") && member.value().is_array()) {
      writer.begin_array();
      for (const core::JsonNode& block : member.value().elements()) {
        PRELOOP_CHECK(write_block(writer, core::Json(&block), rules));
      }
      writer.end_array();
    } else if (member.key == "structuredContent") {
      PRELOOP_TRY(const std::string after, policy::redact(member.value().dump(), rules));
      writer.raw(after);
    } else {
      writer.value(member.value());
    }
  }
  writer.end_object();
  return out;
}

}  // namespace

core::Result<std::string> redact_json(std::string_view json,
                                      const Redactions& redactions,
                                      RedactionList list) {
  // People must be able to tell one masked value from another.
  const redact::Style style =
      list == &policy::Redaction::shown ? redact::Style::recognisable : redact::Style::kind;
  std::string text(json);
  for (const policy::Redaction* const redaction : redactions) {
    if (const policy::RedactionRules& rules = redaction->*list; !rules.empty()) {
      PRELOOP_TRY(text, policy::redact(text, rules, style));
    }
  }
  return text;
}

core::Result<std::string> redact_result(std::string_view result,
                                        const Redactions& redactions,
                                        RedactionList list) {
  std::string text(result);
  for (const policy::Redaction* const redaction : redactions) {
    policy::RedactionRules rules = redaction->*list;
    if (rules.empty()) {
      continue;
    }
    if (result.size() > policy::k_max_redacted) {
      return core::fail(core::Code::resource_exhausted, "too large to be looked through");
    }
    PRELOOP_TRY(text, redact_fields(text, rules));
    rules.paths.clear();
    PRELOOP_TRY(text, policy::redact(text, rules));
  }
  return text;
}

bool asks_for_input(std::string_view result) {
  const auto type = core::raw_member(result, "resultType");
  if (!type || *type == R"("complete")") {
    return false;
  }
  // A server can spell it with escapes, which a client reads all the same.
  const auto read = core::JsonDocument::parse(std::string(*type));
  return read && read->root().as_string() == "input_required";
}

core::Result<std::string> redact_questions(std::string_view result, const Redactions& redactions) {
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(std::string(result)));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  for (const core::JsonMember& member : document.root().members()) {
    writer.key(member.key);
    if (member.key == "inputRequests") {
      PRELOOP_TRY(const std::string shown,
                  redact_json(member.value().dump(), redactions, &policy::Redaction::result));
      writer.raw(shown);
    } else {
      writer.value(member.value());
    }
  }
  writer.end_object();
  return out;
}

}  // namespace preloop::firewall
