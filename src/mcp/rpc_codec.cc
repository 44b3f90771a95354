#include "mcp/rpc_codec.h"

#include "core/json_writer.h"
#include "core/text.h"

namespace preloop::mcp {
namespace {

using core::Code;
using core::fail;

std::string_view member_text(const std::string& text, core::Json root, std::string_view name) {
  return root.find(name).exists() ? core::raw_member(text, name).value_or("") : std::string_view();
}

}  // namespace

core::Result<Message> Message::parse(std::string text, core::JsonLimits limits) {
  Message message;
  PRELOOP_TRY(message.document_, core::JsonDocument::parse(std::move(text), limits));
  const core::Json root = message.document_.root();
  const std::string& bytes = message.document_.text();
  if (!root.is_object() || root["jsonrpc"].as_string() != "2.0") {
    return fail(Code::invalid_argument, "not a JSON-RPC 2.0 message");
  }
  const core::Json method = root["method"], id = root["id"];
  if (method.exists() && !method.is_string()) {
    return fail(Code::invalid_argument, "'method' must be a string");
  }
  // A fraction or an exponent could be echoed in another spelling and never match again.
  const bool usable_id = id.is_string() || id.is(core::JsonKind::integer);
  const bool has_result = root["result"].exists(), has_error = root["error"].exists();
  if (method.exists()) {
    if (has_result || has_error) {
      return fail(Code::invalid_argument, "a message is either a request or a response");
    }
    if (id.exists() && !usable_id) {
      return fail(Code::invalid_argument, "'id' must be a string or an integer");
    }
    message.kind_ = id.exists() ? Kind::request : Kind::notification;
    message.method_ = *method.as_string();
  } else {
    if (has_result == has_error) {
      return fail(Code::invalid_argument, "a response has either 'result' or 'error'");
    }
    if (!usable_id && !(has_error && id.is_null())) {
      return fail(Code::invalid_argument, "a response needs the id of its request");
    }
    message.kind_ = Kind::response;
  }
  if (const core::Json params = root["params"]; params.exists() && !params.is_object()) {
    return fail(Code::invalid_argument, "'params' must be an object");
  }
  message.id_ = usable_id ? member_text(bytes, root, "id") : std::string_view();
  message.params_text_ = member_text(bytes, root, "params");
  message.result_text_ = member_text(bytes, root, "result");
  message.error_text_ = member_text(bytes, root, "error");
  return message;
}

core::Json Message::params() const {
  return document_.root()["params"];
}
core::Json Message::result() const {
  return document_.root()["result"];
}
core::Json Message::error() const {
  return document_.root()["error"];
}

bool is_batch(std::string_view text) {
  const std::string_view body = core::trim(text);
  return !body.empty() && body.front() == '[';
}

namespace {

core::JsonWriter begin_message(std::string& out) {
  core::JsonWriter writer(out);
  writer.begin_object().field("jsonrpc", "2.0");
  return writer;
}

void write_id(core::JsonWriter& writer, std::string_view id) {
  writer.key("id").raw(id.empty() ? "null" : id);
}

}  // namespace

std::string make_request(std::string_view id, std::string_view method, std::string_view params) {
  std::string out;
  out.reserve(64 + params.size());
  core::JsonWriter writer = begin_message(out);
  write_id(writer, id);
  writer.field("method", method);
  if (!params.empty()) {
    writer.key("params").raw(params);
  }
  writer.end_object();
  return out;
}

std::string make_notification(std::string_view method, std::string_view params) {
  std::string out;
  core::JsonWriter writer = begin_message(out);
  writer.field("method", method);
  if (!params.empty()) {
    writer.key("params").raw(params);
  }
  writer.end_object();
  return out;
}

std::string make_result(std::string_view id, std::string_view result) {
  std::string out;
  out.reserve(48 + result.size());
  core::JsonWriter writer = begin_message(out);
  write_id(writer, id);
  writer.key("result").raw(result).end_object();
  return out;
}

std::string make_error_object(int code, std::string_view message, std::string_view data) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().field("code", code).field("message", message);
  if (!data.empty()) {
    writer.key("data").raw(data);
  }
  writer.end_object();
  return out;
}

std::string make_error(std::string_view id, std::string_view error_object) {
  std::string out;
  core::JsonWriter writer = begin_message(out);
  write_id(writer, id);
  writer.key("error").raw(error_object).end_object();
  return out;
}

std::string make_error(std::string_view id, int code, std::string_view message) {
  return make_error(id, make_error_object(code, message));
}

std::string make_tool_error(std::string_view text, std::string_view meta) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("content").begin_array().begin_object();
  writer.field("type", "text").field("text", text).end_object().end_array();
  writer.field("isError", true);
  if (!meta.empty()) {
    writer.key("_meta").raw(meta);
  }
  writer.end_object();
  return out;
}

}  // namespace preloop::mcp
