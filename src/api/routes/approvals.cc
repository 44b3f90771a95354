#include "api/routes/routes.h"
#include "api/views_json.h"

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;

Response respond(const approvals::Request& request) {
  return reply_revision(200, request.revision, view(request));
}

Task<Result<Response>> list(Call& call) {
  approvals::ListFilter filter;
  if (const auto status = call.query_parameter("status")) {
    filter.state = approvals::parse_state(*status);
    if (!filter.state) {
      co_return fail(Code::invalid_argument, "unknown status", {{"status", "unknown"}});
    }
  }
  PRELOOP_CO_TRY(filter.agent, call.query_id<core::AgentId>("agent"));
  PRELOOP_CO_TRY(filter.limit, call.limit());
  PRELOOP_CO_TRY(const auto place, read_cursor(call));
  if (place) {
    filter.before = core::ApprovalId::from_bytes(*place);
  }
  PRELOOP_CO_TRY(const auto found,
                 co_await call.services.approvals.list(call.services.account, filter));
  std::optional<std::string> next;
  if (found.size() == filter.limit) {
    next = make_cursor(call, found.back().id.as_bytes());
  }
  co_return reply(200, list_view(found, next));
}

Task<Result<Response>> get(Call& call) {
  PRELOOP_CO_TRY(const auto id, call.id<core::ApprovalId>());
  PRELOOP_CO_TRY(const auto found,
                 co_await call.services.approvals.find(call.services.account, id));
  co_return respond(found);
}

Task<Result<Response>> decide(Call& call, approvals::Decision decision) {
  PRELOOP_CO_TRY(const auto id, call.id<core::ApprovalId>());
  const bool in_console = std::holds_alternative<identity::PersonPrincipal>(*call.principal);
  PRELOOP_CO_TRY(const auto request,
                 co_await call.services.approvals.decide(
                     *call.principal,
                     id,
                     decision,
                     call.text("comment"),
                     in_console ? approvals::Channel::console : approvals::Channel::cli));
  co_return respond(request);
}
Task<Result<Response>> approve(Call& call) {
  return decide(call, approvals::Decision::approve);
}
Task<Result<Response>> decline(Call& call) {
  return decide(call, approvals::Decision::decline);
}

/// Several at once; each is decided, and refused, by itself.
Task<Result<Response>> decide_several(Call& call) {
  const bool approves = call.text("decision") == "approve";
  const bool in_console = std::holds_alternative<identity::PersonPrincipal>(*call.principal);
  PRELOOP_CO_CHECK(call.authorize(identity::Permission::decide));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("items").begin_array();
  for (const core::JsonNode& node : call.body()["ids"].elements()) {
    const std::string text(core::Json(&node).as_string().value_or(""));
    const auto id = core::ApprovalId::parse(text);
    if (!id) {
      co_return fail(Code::invalid_argument, "not an id", {{"ids", "must be UUIDs"}});
    }
    const auto decided = co_await call.services.approvals.decide(
        *call.principal,
        *id,
        approves ? approvals::Decision::approve : approvals::Decision::decline,
        call.text("comment"),
        in_console ? approvals::Channel::console : approvals::Channel::cli);
    writer.begin_object()
        .field("id", text)
        .optional_field("status",
                        decided ? std::optional(std::string(approvals::to_string(decided->state)))
                                : std::nullopt)
        .field("problem", decided ? std::string() : decided.error().message)
        .end_object();
  }
  writer.end_array().optional_field("next_cursor", std::optional<std::string>()).end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> release(Call& call) {
  PRELOOP_CO_TRY(const auto id, call.id<core::ApprovalId>());
  PRELOOP_CO_TRY(
      const auto request,
      co_await call.services.approvals.release(*call.principal, id, call.text("comment")));
  co_return respond(request);
}

Task<Result<Response>> reveal(Call& call) {
  PRELOOP_CO_TRY(const auto id, call.id<core::ApprovalId>());
  PRELOOP_CO_TRY(const approvals::Request request,
                 co_await call.services.approvals.reveal(*call.principal, id));
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("id", request.id.to_string())
      .key("arguments")
      .raw(request.arguments)
      .end_object();
  co_return reply(200, std::move(out));
}

constexpr Route k_routes[] = {
    {"list_approvals", list},
    {"get_approval", get},
    {"approve_request", approve},
    {"decide_requests", decide_several},
    {"decline_request", decline},
    {"release_request", release},
    {"reveal_request", reveal},
};

}  // namespace

std::span<const Route> approval_routes() {
  return k_routes;
}

}  // namespace preloop::api
