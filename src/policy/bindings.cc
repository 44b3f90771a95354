#include "policy/bindings.h"

#include "core/text.h"

namespace preloop::policy {
namespace {

using cel::Value;

cel::MapEntry entry(std::string_view key, Value value) {
  return {Value::of_string(key), value};
}

Value timestamp(core::WallTime time) {
  const auto since = time.time_since_epoch();
  const auto whole = std::chrono::floor<core::seconds>(since);
  return Value::of_timestamp(
      {whole.count(), static_cast<std::uint32_t>(std::chrono::nanoseconds(since - whole).count())});
}

/// When an id of version 7 was made: its first 48 bits are milliseconds.
core::WallTime made_at(const core::Uuid& id) {
  std::int64_t milliseconds = 0;
  for (int i = 0; i < 6; ++i) {
    milliseconds = milliseconds << 8 | id.bytes[static_cast<std::size_t>(i)];
  }
  return core::WallTime(std::chrono::milliseconds(milliseconds));
}

std::vector<Value> values_of(const std::vector<UsedTool>& tools,
                             std::vector<std::array<cel::MapEntry, 2>>& memory) {
  memory.reserve(tools.size());
  std::vector<Value> out;
  for (const UsedTool& tool : tools) {
    memory.push_back({entry("name", Value::of_string(tool.name)),
                      entry("server", Value::of_string(tool.server))});
    out.push_back(Value::of_map(memory.back()));
  }
  return out;
}

}  // namespace

/// What costs something to make.
struct Bindings::Details {
  std::string definition_hash;
  core::Uuid::Text agent, key, session;
  std::vector<UsedTool> used;
  std::vector<std::array<cel::MapEntry, 2>> used_memory;
  std::vector<Value> used_values;
  std::array<cel::MapEntry, 6> session_map;
  std::array<cel::MapEntry, 2> client;
  std::array<cel::MapEntry, 2> request;
};

Bindings::~Bindings() = default;

Bindings::Bindings(const CallFacts& facts, bool details) {
  const catalogue::Annotations& hints = facts.tool->annotations;
  annotations_ = {{entry("readOnlyHint", Value::of_bool(hints.read_only_hint)),
                   entry("destructiveHint", Value::of_bool(hints.destructive_hint)),
                   entry("idempotentHint", Value::of_bool(hints.idempotent_hint)),
                   entry("openWorldHint", Value::of_bool(hints.open_world_hint))}};
  tool_ = {{entry("name", Value::of_string(facts.tool->name)),
            entry("server", Value::of_string(facts.tool->server_name)),
            entry("annotations", Value::of_map(annotations_)),
            entry("definition_hash", Value::null()),
            entry("first_seen", Value::null())}};
  if (facts.agent_tags != nullptr) {
    for (const std::string& tag : *facts.agent_tags) {
      tags_.push_back(Value::of_string(tag));
    }
  }
  agent_ = {{entry("name", Value::of_string(facts.agent_name)),
             entry("kind", Value::of_string(facts.agent_kind)),
             entry("tags", Value::of_list(tags_)),
             entry("owner", Value::of_string(facts.agent_owner)),
             entry("id", Value::null())}};
  key_ = {{entry("name", Value::of_string(facts.key_name)), entry("id", Value::null())}};
  host_.usage = facts.usage;
  host_.now = facts.now;
  // In the order of k_condition_variables.
  variables_ = {{{"args", Value::of_json(facts.args)},
                 {"tool", Value::of_map(tool_)},
                 {"agent", Value::of_map(agent_)},
                 {"key", Value::of_map(key_)},
                 {"now", timestamp(facts.now)},
                 {"session", Value::null()},
                 {"request", Value::null()}}};
  if (details) {
    bind_details(facts);
  }
}

void Bindings::bind_details(const CallFacts& facts) {
  details_ = std::make_unique<Details>();
  Details& more = *details_;
  more.definition_hash = core::to_hex(core::as_bytes(facts.tool->definition_hash));
  more.agent = facts.agent.text();
  more.key = facts.key.text();
  tool_[3].value = Value::of_string(more.definition_hash);
  if (!facts.tool->id.is_nil()) {
    tool_[4].value = timestamp(made_at(facts.tool->id.uuid));
  }
  agent_[4].value = Value::of_string(more.agent);
  key_[1].value = Value::of_string(more.key);
  bind_session(facts);
  // "name version", the name may hold spaces.
  const std::size_t space = facts.client.rfind(' ');
  const bool versioned = space != std::string_view::npos;
  more.client = {
      {entry("name", Value::of_string(facts.client.substr(0, space))),
       entry("version",
             Value::of_string(versioned ? facts.client.substr(space + 1) : std::string_view()))}};
  more.request = {
      {entry("client", Value::of_map(more.client)), entry("ip", Value::of_string(facts.peer))}};
  variables_[6].value = Value::of_map(more.request);
}

void Bindings::bind_session(const CallFacts& facts) {
  Details& more = *details_;
  more.session = facts.session.text();
  const bool counted = facts.usage != nullptr;
  if (counted) {
    more.used = facts.usage->tools_used_in_session();
    more.used_values = values_of(more.used, more.used_memory);
  }
  // What is not counted is an error to read, never "nothing happened".
  const Value unknown = Value::of_error(cel::ErrorCode::unavailable);
  more.session_map = {
      {entry("id", Value::of_string(more.session)),
       entry(
           "started",
           facts.session.is_nil() ? timestamp(facts.now) : timestamp(made_at(facts.session.uuid))),
       entry("calls", counted ? Value::of_int(facts.usage->calls_in_session()) : unknown),
       entry("tools_used", counted ? Value::of_list(more.used_values) : unknown),
       // Of the model gateway: nothing goes through it here.
       entry("models_used", Value::of_list({})),
       entry("spend", Value::of_double(0.0))}};
  variables_[5].value = Value::of_map(more.session_map);
}

std::optional<Value> Bindings::find(const cel::Reference& reference) const {
  for (const cel::Binding& variable : variables_) {
    if (variable.name != reference.root) {
      continue;
    }
    Value value = variable.value;
    for (const std::string& name : reference.path) {
      std::optional<Value> next;
      for (std::size_t i = 0; value.is(cel::Kind::map) && i < value.size(); ++i) {
        const Value key = value.key_at(i);
        if (key.is(cel::Kind::string) && key.as_text() == name) {
          next = value.value_at(i);
        }
      }
      if (!next) {
        return std::nullopt;
      }
      value = *next;
    }
    return value;
  }
  return std::nullopt;
}

}  // namespace preloop::policy
