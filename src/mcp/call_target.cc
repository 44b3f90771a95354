#include "mcp/call_target.h"

#include "catalogue/requests.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "mcp/exposed_uris.h"
#include "mcp/listed_items.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::mcp {
namespace {

using catalogue::Method;
using core::Code;
using core::fail;

/// Members of `params` that belong to the request itself, as they came.
class Reader {
 public:
  Reader(const catalogue::Catalogue& catalogue,
         std::optional<core::ServerId> server,
         const Message& message)
      : catalogue_(catalogue), server_(server), params_(message.params()), message_(message) {}

  core::Result<CallTarget> read(Method method) {
    writer_.begin_object().key("arguments").begin_object();
    switch (method) {
      case Method::tools_call:
        return fail(Code::internal, "a tool is no such request");
      case Method::resources_read:
      case Method::resources_subscribe:
        PRELOOP_CHECK(uri(params_["uri"]));
        break;
      case Method::prompts_get:
        PRELOOP_CHECK(prompt(params_["name"]));
        if (const core::Json given = params_["arguments"]; given.exists() && !given.is_object()) {
          return fail(Code::invalid_argument, "'arguments' must be an object");
        }
        copy("arguments", message_.params_text());
        break;
      case Method::completion_complete:
        PRELOOP_CHECK(reference());
        copy("argument", message_.params_text());
        copy("context", message_.params_text());
        break;
    }
    writer_.end_object();
    copy("_meta", message_.params_text());
    copy("inputResponses", message_.params_text());
    copy("requestState", message_.params_text());
    writer_.end_object();
    if (catalogue_.find_server(*server_) == nullptr) {
      return fail(Code::not_found, "there is no such server here");
    }
    PRELOOP_TRY(core::JsonDocument document, core::JsonDocument::parse(std::move(text_)));
    return CallTarget{method, *server_, std::move(document)};
  }

 private:
  void copy(std::string_view name, std::string_view object) {
    if (const auto raw = core::raw_member(object, name)) {
      writer_.key(name).raw(*raw);
    }
  }

  core::Status uri(core::Json given) {
    const auto text = given.as_string();
    if (!text) {
      return fail(Code::invalid_argument, "'uri' must be a string");
    }
    if (server_) {
      writer_.field("uri", *text);
      return {};
    }
    const auto own = own_uri(*text);
    const catalogue::Server* const server = own ? catalogue_.find_server(own->server) : nullptr;
    if (server == nullptr) {
      return fail(Code::not_found,
                  fmt::format("There is no resource '{}' here.", core::printable(*text, 256)));
    }
    server_ = server->id;
    writer_.field("uri", own->uri);
    return {};
  }

  core::Status prompt(core::Json given) {
    const auto name = given.as_string();
    if (!name) {
      return fail(Code::invalid_argument, "'name' must be a string");
    }
    if (server_) {
      writer_.field("name", *name);
      return {};
    }
    const auto found = find_prompt(catalogue_, *name);
    if (!found) {
      return fail(Code::not_found,
                  fmt::format("There is no prompt '{}' here.", core::printable(*name, 128)));
    }
    server_ = found->first;
    writer_.field("name", found->second);
    return {};
  }

  /// The `ref` of a completion, with the names of its server.
  core::Status reference() {
    const core::Json ref = params_["ref"];
    const auto type = ref["type"].as_string();
    writer_.key("ref").begin_object();
    if (type == "ref/resource") {
      writer_.field("type", *type);
      PRELOOP_CHECK(uri(ref["uri"]));
    } else if (type == "ref/prompt") {
      writer_.field("type", *type);
      PRELOOP_CHECK(prompt(ref["name"]));
    } else {
      return fail(Code::invalid_argument, "'ref' must be a prompt or a resource");
    }
    writer_.end_object();
    return {};
  }

  const catalogue::Catalogue& catalogue_;
  std::optional<core::ServerId> server_;
  core::Json params_;
  const Message& message_;
  std::string text_;
  core::JsonWriter writer_{text_};
};

}  // namespace

std::optional<Method> request_method(std::string_view method) {
  const auto found = std::ranges::find_if(catalogue::k_request_methods,
                                          [&](Method one) { return to_string(one) == method; });
  return found == catalogue::k_request_methods.end() ? std::nullopt : std::optional(*found);
}

core::Result<CallTarget> read_call_target(const catalogue::Catalogue& catalogue,
                                          std::optional<core::ServerId> server,
                                          const Message& message) {
  const auto method = request_method(message.method());
  if (!method) {
    return fail(Code::invalid_argument, "no such request");
  }
  return Reader(catalogue, server, message).read(*method);
}

}  // namespace preloop::mcp
