#include "identity/agent_repo.h"

#include "core/json.h"
#include "core/json_writer.h"

namespace preloop::identity {
namespace {

using store::statement;

std::string tags_to_json(const std::vector<std::string>& tags) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_array();
  for (const std::string& tag : tags) {
    writer.string(tag);
  }
  writer.end_array();
  return out;
}

core::Result<std::vector<std::string>> tags_from_json(std::string text) {
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(std::move(text)));
  std::vector<std::string> out;
  for (const core::JsonNode& node : document.root().elements()) {
    if (const auto tag = core::Json(&node).as_string()) {
      out.emplace_back(*tag);
    }
  }
  return out;
}

}  // namespace

core::Task<core::Result<std::vector<Agent>>> AgentRepo::all(store::Database& database) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database.query(statement(
                     "SELECT account, id, name, kind, tags, owner, status, created_at, revision "
                     "FROM agent WHERE removed_at IS NULL ORDER BY account, id")));
  std::vector<Agent> out;
  out.reserve(rows.size());
  for (const store::Row& row : rows) {
    store::RowReader read(row);
    Agent agent;
    agent.account = read.id<core::AccountId>();
    agent.id = read.id<core::AgentId>();
    agent.name = read.text();
    agent.kind = read.text();
    PRELOOP_CO_TRY(agent.tags, tags_from_json(read.text()));
    agent.owner = read.optional_id<core::PersonId>();
    const auto standing = parse_standing(read.text());
    agent.created_at = read.time();
    agent.revision = read.integer();
    PRELOOP_CO_CHECK(read.status());
    if (!standing) {
      co_return core::fail(core::Code::data_loss, "an agent's row has an unknown status");
    }
    agent.standing = *standing;
    out.push_back(std::move(agent));
  }
  co_return out;
}

store::Statement AgentRepo::insert(const Agent& agent) {
  return statement(
      "INSERT INTO agent (account, id, name, kind, tags, owner, status, created_at, revision) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      agent.account,
      agent.id,
      agent.name,
      agent.kind,
      tags_to_json(agent.tags),
      agent.owner,
      to_string(agent.standing),
      agent.created_at,
      agent.revision);
}

store::Statement AgentRepo::update(const Agent& agent, std::int64_t before) {
  return statement(
      "UPDATE agent SET name = $1, kind = $2, tags = $3, owner = $4, status = $5, revision = $6 "
      "WHERE account = $7 AND id = $8 AND revision = $9 AND removed_at IS NULL",
      agent.name,
      agent.kind,
      tags_to_json(agent.tags),
      agent.owner,
      to_string(agent.standing),
      agent.revision,
      agent.account,
      agent.id,
      before);
}

store::Statement AgentRepo::remove(core::AccountId account, core::AgentId id, core::WallTime now) {
  return statement(
      "UPDATE agent SET removed_at = $1 WHERE account = $2 AND id = $3 AND removed_at IS NULL",
      now,
      account,
      id);
}

}  // namespace preloop::identity
