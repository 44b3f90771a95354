#include "approvals/approval_repo.h"

#include "approvals/verdict_json.h"

#include <algorithm>

namespace preloop::approvals {
namespace {

using core::Task;
using store::statement;

store::Blob blob(const core::Digest& digest) {
  return store::Blob{std::string(core::as_bytes(digest))};
}

core::Digest digest_of(const std::string& bytes) {
  core::Digest digest{};
  if (bytes.size() == digest.size()) {
    std::ranges::copy(bytes, digest.begin());
  }
  return digest;
}

// One spelling of the columns, in the order read_request reads them.
#define PRELOOP_REQUEST_COLUMNS                                                            \
  "SELECT account, id, call, agent, agent_name, key, session, server, server_name, tool, " \
  "arguments, call_key, approval_digest, tool_definition, accepted_definition, verdict, "  \
  "state, created_at, expires_at, decided_at, valid_until, closing_reason, revision, "     \
  "given_back, steps_done "                                                                \
  "FROM approval_request "

core::Result<Request> read_request(const store::Row& row) {
  store::RowReader reader(row);
  Request request;
  request.account = reader.id<core::AccountId>();
  request.id = reader.id<core::ApprovalId>();
  request.call = reader.id<core::CallId>();
  request.agent = reader.id<core::AgentId>();
  request.agent_name = reader.text();
  request.key = reader.id<core::KeyId>();
  request.session = reader.id<core::RuntimeSessionId>();
  request.server = reader.id<core::ServerId>();
  request.server_name = reader.text();
  request.tool = reader.text();
  request.arguments = reader.text();
  request.call_key = digest_of(reader.blob());
  request.approval_digest = digest_of(reader.blob());
  request.tool_definition = reader.text();
  request.accepted_definition = reader.text();
  const std::string verdict = reader.text();
  const auto state = parse_state(reader.text());
  request.created_at = reader.time();
  request.expires_at = reader.time();
  request.decided_at = reader.optional_time();
  request.valid_until = reader.optional_time();
  request.closing_reason = reader.text();
  request.revision = reader.integer();
  request.given_back = core::microseconds(reader.integer());
  request.steps_done = static_cast<int>(reader.integer());
  PRELOOP_CHECK(reader.status());
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(verdict));
  PRELOOP_TRY(request.verdict, read_verdict(document.root()));
  if (!state) {
    return core::fail(core::Code::data_loss, "a stored approval request has no state we know");
  }
  request.state = *state;
  return request;
}

core::Result<Vote> read_vote(store::RowReader& reader) {
  Vote vote;
  vote.person = reader.id<core::PersonId>();
  vote.person_name = reader.text();
  vote.decision =
      reader.text() == to_string(Decision::approve) ? Decision::approve : Decision::decline;
  vote.comment = reader.text();
  const auto channel = parse_channel(reader.text());
  vote.at = reader.time();
  PRELOOP_CHECK(reader.status());
  if (!channel) {
    return core::fail(core::Code::data_loss, "a stored vote came through no channel we know");
  }
  vote.channel = *channel;
  return vote;
}

}  // namespace

store::Statement ApprovalRepo::insert(const Request& request) {
  std::string verdict;
  core::JsonWriter writer(verdict);
  write_verdict(writer, request.verdict);
  return statement(
      "INSERT INTO approval_request (account, id, call, agent, agent_name, key, session, server, "
      "server_name, tool, arguments, call_key, approval_digest, tool_definition, "
      "accepted_definition, verdict, state, created_at, expires_at, revision) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
      "$19, $20)",
      request.account,
      request.id,
      request.call,
      request.agent,
      request.agent_name,
      request.key,
      request.session,
      request.server,
      request.server_name,
      request.tool,
      request.arguments,
      blob(request.call_key),
      blob(request.approval_digest),
      request.tool_definition,
      request.accepted_definition,
      verdict,
      to_string(request.state),
      request.created_at,
      request.expires_at,
      request.revision);
}

store::Statement ApprovalRepo::move(const Request& request, State from) {
  return statement(
      "UPDATE approval_request SET state = $1, decided_at = $2, valid_until = $3, "
      "closing_reason = $4, revision = $5, steps_done = $6 "
      "WHERE account = $7 AND id = $8 AND state = $9 AND revision = $10",
      to_string(request.state),
      request.decided_at,
      request.valid_until,
      request.closing_reason,
      request.revision,
      request.steps_done,
      request.account,
      request.id,
      to_string(from),
      request.revision - 1);
}

store::Statement ApprovalRepo::insert_vote(const Request& request, const Vote& vote) {
  return statement(
      "INSERT INTO approval_vote (account, request, person, person_name, decision, comment, "
      "channel, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      request.account,
      request.id,
      vote.person,
      vote.person_name,
      to_string(vote.decision),
      vote.comment,
      to_string(vote.channel),
      vote.at);
}

store::Statement ApprovalRepo::keep_result(const Request& request,
                                           std::string sealed,
                                           core::WallTime drop_at) {
  return statement(
      "INSERT INTO approval_result (account, request, sealed, drop_at) VALUES ($1, $2, $3, $4)",
      request.account,
      request.id,
      store::Blob{std::move(sealed)},
      drop_at);
}
store::Statement ApprovalRepo::drop_result(core::AccountId account, core::ApprovalId request) {
  return statement(
      "DELETE FROM approval_result WHERE account = $1 AND request = $2", account, request);
}
store::Statement ApprovalRepo::drop_results_before(core::WallTime now) {
  return statement("DELETE FROM approval_result WHERE drop_at < $1", now);
}

Task<core::Result<std::vector<Request>>> ApprovalRepo::read(store::Statement select) const {
  PRELOOP_CO_TRY(const store::Rows rows, co_await database_.query(std::move(select)));
  std::vector<Request> requests;
  for (const store::Row& row : rows) {
    PRELOOP_CO_TRY(Request request, read_request(row));
    PRELOOP_CO_TRY(
        const store::Rows votes,
        co_await database_.query(statement(
            "SELECT person, person_name, decision, comment, channel, at FROM approval_vote "
            "WHERE account = $1 AND request = $2 ORDER BY at, person",
            request.account,
            request.id)));
    for (const store::Row& vote_row : votes) {
      store::RowReader reader(vote_row);
      PRELOOP_CO_TRY(Vote vote, read_vote(reader));
      request.votes.push_back(std::move(vote));
    }
    requests.push_back(std::move(request));
  }
  co_return requests;
}

Task<core::Result<Request>> ApprovalRepo::find(core::AccountId account, core::ApprovalId id) const {
  PRELOOP_CO_TRY(std::vector<Request> found,
                 co_await read(statement(
                     PRELOOP_REQUEST_COLUMNS "WHERE account = $1 AND id = $2", account, id)));
  if (found.empty()) {
    co_return core::fail(core::Code::not_found, "there is no such approval request");
  }
  co_return std::move(found.front());
}

Task<core::Result<std::vector<Request>>> ApprovalRepo::list(core::AccountId account,
                                                            const ListFilter& filter) const {
  // The newest first. An id that sorts behind every other stands for "from the start".
  core::ApprovalId before;
  before.uuid.bytes.fill(0xff);
  before = filter.before.value_or(before);
  const auto limit = static_cast<std::int64_t>(std::clamp<std::size_t>(filter.limit, 1, 201));
  if (filter.state) {
    co_return co_await read(statement(PRELOOP_REQUEST_COLUMNS
                                      "WHERE account = $1 AND state = $2 AND id < $3 "
                                      "ORDER BY id DESC LIMIT $4",
                                      account,
                                      to_string(*filter.state),
                                      before,
                                      limit));
  }
  if (filter.agent) {
    co_return co_await read(statement(PRELOOP_REQUEST_COLUMNS
                                      "WHERE account = $1 AND agent = $2 AND id < $3 "
                                      "ORDER BY id DESC LIMIT $4",
                                      account,
                                      *filter.agent,
                                      before,
                                      limit));
  }
  co_return co_await read(statement(PRELOOP_REQUEST_COLUMNS
                                    "WHERE account = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                                    account,
                                    before,
                                    limit));
}

Task<core::Result<std::vector<Request>>> ApprovalRepo::live() const {
  co_return co_await read(statement(PRELOOP_REQUEST_COLUMNS
                                    "WHERE state IN ('pending', 'approved', 'executing') "
                                    "ORDER BY account, id"));
}

Task<core::Result<std::optional<Request>>> ApprovalRepo::newest(
    core::AccountId account, const core::Digest& call_key) const {
  PRELOOP_CO_TRY(
      std::vector<Request> found,
      co_await read(statement(PRELOOP_REQUEST_COLUMNS "WHERE account = $1 AND call_key = $2 "
                                                      "ORDER BY id DESC LIMIT 1",
                              account,
                              blob(call_key))));
  co_return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Task<core::Result<std::optional<KeptResult>>> ApprovalRepo::kept(core::AccountId account,
                                                                 core::ApprovalId id,
                                                                 core::WallTime now) const {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database_.query(statement("SELECT request, sealed FROM approval_result "
                                                    "WHERE account = $1 AND request = $2 AND "
                                                    "drop_at >= $3",
                                                    account,
                                                    id,
                                                    now)));
  if (rows.empty()) {
    co_return std::nullopt;
  }
  store::RowReader reader(rows.front());
  KeptResult kept;
  kept.request = reader.id<core::ApprovalId>();
  kept.sealed = reader.blob();
  PRELOOP_CO_CHECK(reader.status());
  co_return kept;
}

#undef PRELOOP_REQUEST_COLUMNS

}  // namespace preloop::approvals
