#include "firewall/replay.h"

#include "core/text.h"
#include "firewall/call_record.h"
#include "policy/decide.h"
#include "redact/redact.h"

#include <algorithm>

namespace preloop::firewall {
namespace {

constexpr std::size_t k_most_groups = 10'000;

std::string why(const policy::Verdict& verdict) {
  return verdict.rule ? describe(*verdict.rule) : std::string(policy::to_string(verdict.cause));
}

std::string shown(const std::string& arguments) {
  constexpr redact::Detectors k_masked{
      redact::Detector::secrets, redact::Detector::credit_card, redact::Detector::iban};
  return core::truncate_utf8(redact::mask(arguments, k_masked).text, 200);
}

}  // namespace

Replay::Replay(std::shared_ptr<const policy::CompiledPolicy> candidate,
               std::shared_ptr<const catalogue::Catalogue> catalogue,
               std::shared_ptr<const identity::Directory> directory)
    : candidate_(std::move(candidate)),
      catalogue_(std::move(catalogue)),
      directory_(std::move(directory)) {
  for (const catalogue::ToolPtr& tool : catalogue_->tools()) {
    tools_[{tool->server_name, tool->name}] = tool;
  }
}

catalogue::ToolPtr Replay::tool_of(const std::string& server, const std::string& name) {
  catalogue::ToolPtr& known = tools_[{server, name}];
  if (!known) {
    auto gone = std::make_shared<catalogue::Tool>();
    gone->server_name = server;
    gone->name = name;
    const auto anything = core::JsonDocument::parse("{}");
    gone->input_schema =
        std::make_shared<const schema::Schema>(*schema::Schema::compile(anything->root()));
    known = std::move(gone);
  }
  return known;
}

policy::Verdict Replay::decide(const RecordedCall& call, core::Json args) {
  const catalogue::ToolPtr tool = tool_of(call.server, call.tool);
  policy::CallFacts facts;
  facts.tool = tool.get();
  facts.args = args;
  facts.agent = call.agent;
  facts.agent_name = call.agent_name;
  facts.key = call.key;
  facts.session = call.session;
  facts.now = call.at;
  facts.justification = "recorded";  // the record does not say whether there was one
  if (const identity::Agent* const agent = directory_->find_agent(call.agent)) {
    facts.agent_name = agent->name;
    facts.agent_kind = agent->kind;
    facts.agent_tags = &agent->tags;
    if (const identity::Person* const owner =
            agent->owner ? directory_->find_person(*agent->owner) : nullptr) {
      facts.agent_owner = owner->email;
    }
  }
  if (const identity::KeyInfo* const key = directory_->find_key(call.key)) {
    facts.key_name = key->name;
  }
  if (!candidate_->state().concerns(*tool)) {
    return policy::decide(*candidate_, facts);
  }
  ledger_.forget_before(call.at - candidate_->state().window);
  return ledger_.decide(*candidate_,
                        facts,
                        {.id = call.id,
                         .agent = call.agent,
                         .session = call.session,
                         .server = call.server,
                         .tool = call.tool,
                         .call_key = core::sha256(call.id.as_bytes()),
                         .at = call.at,
                         .held = false});
}

void Replay::add(const RecordedCall& call) {
  const auto args = call.arguments.empty()
                        ? core::Result<core::JsonDocument>(core::fail(core::Code::not_found, ""))
                        : core::JsonDocument::parse(call.arguments);
  if (!args || !args->root().is_object()) {
    ++skipped_;
    return;
  }
  ++calls_;
  const policy::Verdict verdict = decide(call, args->root());
  const std::string_view after = policy::to_string(verdict.action);
  if (after == call.action) {
    ++same_;
    return;
  }
  Key key{call.server, call.tool, call.action, std::string(after), why(verdict)};
  if (groups_.size() >= k_most_groups && !groups_.contains(key)) {
    key = {"*", "*", call.action, std::string(after), "other tools"};
  }
  Group& group = groups_[key];
  ++group.calls;
  ++group.agents[call.agent];
  if (group.example.empty()) {
    group.example = shown(call.arguments);
  }
}

void Replay::add(const std::vector<RecordedCall>& calls) {
  for (const RecordedCall& call : calls) {
    add(call);
  }
}

ReplayReport Replay::report() const {
  ReplayReport out{
      .calls = calls_, .same = same_, .changed = calls_ - same_, .skipped = skipped_, .groups = {}};
  for (const auto& [key, group] : groups_) {
    const auto& [server, tool, before, after, reason] = key;
    out.groups.push_back({.server = server,
                          .tool = tool,
                          .before = before,
                          .after = after,
                          .why = reason,
                          .calls = group.calls,
                          .agents = group.agents.size(),
                          .example = group.example});
  }
  std::ranges::stable_sort(out.groups, std::ranges::greater(), &ReplayGroup::calls);
  return out;
}

}  // namespace preloop::firewall
