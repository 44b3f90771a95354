#include "core/json_writer.h"
#include "net/http.h"
#include "net/http1_head.h"

namespace preloop::net {
namespace {

Response problem_document(std::string_view type,
                          int status,
                          std::string_view title,
                          std::string_view detail,
                          const std::vector<core::ErrorDetail>& errors) {
  std::string body;
  core::JsonWriter writer(body);
  writer.begin_object().field("type", type).field("title", title).field("status", status);
  writer.field("detail", detail);
  if (!errors.empty()) {
    writer.key("errors").begin_array();
    for (const core::ErrorDetail& error : errors) {
      writer.begin_object().field("path", error.path).field("message", error.message).end_object();
    }
    writer.end_array();
  }
  writer.end_object();
  Response response{status, {}, std::move(body)};
  response.headers.add("Content-Type", "application/problem+json");
  return response;
}

}  // namespace

int http_status(core::Code code) {
  using enum core::Code;
  switch (code) {
    case invalid_argument:
      return 400;
    case unauthenticated:
      return 401;
    case permission_denied:
      return 403;
    case not_found:
      return 404;
    case already_exists:
    case failed_precondition:
    case aborted:
      return 409;
    case resource_exhausted:
      return 429;
    case cancelled:
      return 499;  // nginx's "client closed request"; nobody is there to read it
    case unimplemented:
      return 501;
    case unavailable:
      return 503;
    case deadline_exceeded:
      return 504;
    case internal:
    case data_loss:
      return 500;
  }
  return 500;
}

Response problem(const core::Error& error) {
  const int status = http_status(error.code);
  std::string type = "urn:preloop:problem:";
  type += core::to_string(error.code);
  Response response =
      problem_document(type, status, reason_phrase(status), error.message, error.details);
  if (status == 503 || status == 429) {
    response.headers.add("Retry-After", "1");
  }
  return response;
}

Response problem(int status, std::string_view title, std::string_view detail) {
  return problem_document("about:blank", status, title, detail, {});
}

}  // namespace preloop::net
