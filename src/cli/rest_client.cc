#include "cli/rest_client.h"

#include "app/blocking.h"
#include "core/json_writer.h"
#include "net/sse.h"

#include <fmt/format.h>

#include <chrono>

namespace preloop::cli {
namespace {

using core::Code;
using core::fail;
using core::Task;

constexpr std::size_t k_max_body = 64 * 1024 * 1024;

core::MonoTime in(core::seconds time) {
  return std::chrono::steady_clock::now() + time;
}

Code code_of(int status) {
  switch (status) {
    case 400:
    case 422:
      return Code::invalid_argument;
    case 401:
      return Code::unauthenticated;
    case 403:
      return Code::permission_denied;
    case 404:
      return Code::not_found;
    case 409:
      return Code::failed_precondition;
    case 412:
      return Code::aborted;
    case 429:
      return Code::resource_exhausted;
    default:
      return Code::unavailable;
  }
}

}  // namespace

RestClient::RestClient(Context& context) : context_(context), loops_(1) {
  loops_.start();
  http_ = net::HttpClient::create(loops_.at(0), {});
}

RestClient::~RestClient() {
  app::run_blocking(loops_.at(0), http_->stop());
  loops_.stop();
}

core::Result<net::ClientRequest> RestClient::request_of(std::string method,
                                                        const std::string& path) const {
  net::ClientRequest request;
  request.method = std::move(method);
  PRELOOP_TRY(request.url, net::Url::parse(context_.url));
  request.url.target = "/api/v1" + path;
  const std::string& token = elevated_.empty() ? context_.token : elevated_.reveal();
  if (!token.empty()) {
    request.headers.set("Authorization", "Bearer " + token);
  }
  request.headers.set("Accept", "application/json");
  request.headers.set("User-Agent", "preloop-cli/" PRELOOP_VERSION);
  return request;
}

Task<core::Result<RestClient::Reply>> RestClient::exchange_task(net::ClientRequest request) {
  PRELOOP_CO_TRY(const auto response,
                 co_await http_->send(std::move(request), in(core::seconds(60))));
  Reply reply;
  reply.status = response->status();
  reply.etag = response->headers().get("ETag").value_or("");
  PRELOOP_CO_TRY(reply.body, co_await response->read_all(k_max_body));
  co_return reply;
}

core::Result<RestClient::Reply> RestClient::exchange(std::string method,
                                                     const std::string& path,
                                                     const std::string& body,
                                                     const std::string& content_type) {
  PRELOOP_TRY(net::ClientRequest request, request_of(std::move(method), path));
  request.body = body;
  if (!body.empty()) {
    request.headers.set("Content-Type", content_type);
  }
  if (!if_match_.empty()) {
    request.headers.set("If-Match", if_match_);
  }
  auto reply = app::run_blocking(loops_.at(0), exchange_task(std::move(request)));
  if (!reply && reply.error().code == Code::unavailable) {
    return fail(Code::unavailable,
                fmt::format("no server answers at {} ({}); start one with: preloop serve",
                            context_.url,
                            reply.error().message));
  }
  if (reply) {
    etag_ = reply->etag;
  }
  return reply;
}

core::Error RestClient::problem_of(const Reply& reply) const {
  const auto parsed = core::JsonDocument::parse(reply.body);
  core::Error error{code_of(reply.status), fmt::format("the server answered {}", reply.status), {}};
  if (parsed) {
    const core::Json root = parsed->root();
    const auto detail = root["detail"].as_string();
    if (detail && !detail->empty()) {
      error.message = *detail;
    } else if (const auto title = root["title"].as_string()) {
      error.message = *title;
    }
    for (const core::JsonNode& node : root["errors"].elements()) {
      const core::Json item(&node);
      error.details.push_back({std::string(item["path"].as_string().value_or("")),
                               std::string(item["message"].as_string().value_or(""))});
    }
  }
  if (reply.status == 401) {
    error.message += context_.token.empty() ? "; sign in with: preloop login"
                                            : "; sign in again with: preloop login";
  }
  return error;
}

core::Status RestClient::elevate(std::string_view scopes) {
  PRELOOP_TRY(const core::Secret password,
              ask_secret("Your password (deciding or changing rules asks for it): "));
  std::string body;
  core::JsonWriter writer(body);
  writer.begin_object().field("password", password.reveal()).key("scopes").begin_array();
  writer.string("read").string(scopes).end_array().end_object();
  PRELOOP_TRY(const Reply reply, exchange("POST", "/auth/elevate", body, "application/json"));
  if (reply.status >= 300) {
    return std::unexpected(problem_of(reply));
  }
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(reply.body));
  elevated_ = core::Secret(std::string(document.root()["key"].as_string().value_or("")));
  return {};
}

core::Result<core::JsonDocument> RestClient::get(const std::string& path) {
  return send("GET", path, {});
}

core::Result<core::JsonDocument> RestClient::send(const std::string& method,
                                                  const std::string& path,
                                                  const std::string& body,
                                                  const std::string& content_type) {
  PRELOOP_TRY(Reply reply, exchange(method, path, body, content_type));
  if (reply.status == 403 && elevated_.empty() && !context_.token.empty()) {
    // The stored key only reads; the person who types may do more, once they have said who they
    // are.
    const core::Error problem = problem_of(reply);
    for (const core::ErrorDetail& detail : problem.details) {
      // A console session cannot be had here; only a password that is asked for helps.
      if (detail.path == "auth" && detail.message != "console_session") {
        const bool decides = path.find("/approval-requests/") != std::string::npos;
        PRELOOP_CHECK(elevate(decides ? "decide" : "configure"));
        PRELOOP_TRY(reply, exchange(method, path, body, content_type));
        break;
      }
    }
  }
  if_match_.clear();
  if (reply.status >= 300) {
    return std::unexpected(problem_of(reply));
  }
  if (reply.body.empty()) {
    return core::JsonDocument::parse("{}");
  }
  return core::JsonDocument::parse(std::move(reply.body),
                                   {.max_depth = 128, .max_values = 5'000'000});
}

namespace {

Task<core::Status> stream_body(net::HttpClient& http,
                               net::ClientRequest request,
                               const std::function<core::Status(std::string_view)>& sink,
                               int& status) {
  PRELOOP_CO_TRY(const auto response,
                 co_await http.send(std::move(request), in(core::seconds(60))));
  status = response->status();
  while (true) {
    PRELOOP_CO_TRY(const std::string_view bytes, co_await response->read_some());
    if (bytes.empty()) {
      co_return core::Status();
    }
    PRELOOP_CO_CHECK(sink(bytes));
  }
}

}  // namespace

core::Status RestClient::download(const std::string& path,
                                  const std::function<core::Status(std::string_view)>& sink) {
  PRELOOP_TRY(net::ClientRequest request, request_of("GET", path));
  request.headers.set("Accept", "*/*");
  int status = 0;
  std::string error_body;
  const auto guarded = [&](std::string_view bytes) -> core::Status {
    if (status >= 300) {
      error_body += bytes;
      return {};
    }
    return sink(bytes);
  };
  PRELOOP_CHECK(
      app::run_blocking(loops_.at(0), stream_body(*http_, std::move(request), guarded, status)));
  if (status >= 300) {
    return std::unexpected(problem_of({status, std::move(error_body), {}}));
  }
  return {};
}

core::Status RestClient::events(
    const std::string& path,
    const std::function<bool(std::string_view type, std::string_view data)>& sink) {
  PRELOOP_TRY(net::ClientRequest request, request_of("GET", path));
  request.headers.set("Accept", "text/event-stream");
  int status = 0;
  net::SseParser parser(1024 * 1024);
  bool ended = false;
  const auto feed = [&](std::string_view bytes) -> core::Status {
    PRELOOP_CHECK(parser.feed(bytes));
    while (const auto event = parser.next()) {
      if (!sink(event->type, event->data)) {
        ended = true;
        return fail(Code::cancelled, "done");
      }
    }
    return {};
  };
  const core::Status status_of =
      app::run_blocking(loops_.at(0), stream_body(*http_, std::move(request), feed, status));
  if (status >= 300) {
    return fail(code_of(status), fmt::format("the server answered {}", status));
  }
  return ended ? core::Status() : status_of;
}

}  // namespace preloop::cli
