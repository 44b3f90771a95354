#include "firewall/suggest.h"

#include "core/json_writer.h"
#include "core/text.h"
#include "core/yaml.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::firewall {
namespace {

constexpr std::size_t k_most_texts = 3;
constexpr std::size_t k_longest_text = 64;

bool is_identifier(std::string_view name) {
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

core::Task<core::Status> feed(Suggester& suggester, std::vector<RecordedCall> calls) {
  suggester.add(calls);
  co_return core::Status();
}

}  // namespace

void Suggester::Shape::add(const std::string& arguments) {
  ++calls;
  const auto parsed = core::JsonDocument::parse(arguments);
  if (arguments.empty() || !parsed || !parsed->root().is_object()) {
    ++unreadable;
    return;
  }
  for (const core::JsonMember& json : parsed->root().members()) {
    if (!is_identifier(json.key)) {
      continue;
    }
    Member& member = members[std::string(json.key)];
    ++member.calls;
    const auto text = json.value().as_string();
    const auto number = json.value().as_double();
    member.all_text = member.all_text && text && text->size() <= k_longest_text;
    member.all_numbers = member.all_numbers && number;
    if (text && member.texts.size() <= k_most_texts) {
      member.texts.insert(std::string(*text));
    }
    if (number) {
      member.most = std::max(member.most, *number);
    }
  }
}

void Suggester::add(const std::vector<RecordedCall>& calls) {
  for (const RecordedCall& call : calls) {
    if (call.action == "require_approval") {
      asked_.emplace(call.id, call);
    }
  }
}

void Suggester::decided(core::CallId call, bool approved) {
  const auto asked = asked_.find(call);
  if (asked == asked_.end()) {
    return;
  }
  Tool& tool = tools_[{asked->second.server, asked->second.tool}];
  tool.agents.insert(asked->second.agent_name);
  if (approved) {
    tool.approved.push_back(asked->second.arguments);
  } else {
    ++tool.declined;
  }
  asked_.erase(asked);
}

std::string Suggester::condition_of(const Shape& shape) {
  std::string out;
  const auto also = [&](const std::string& term) { out += (out.empty() ? "" : " && ") + term; };
  for (const auto& [name, member] : shape.members) {
    if (member.calls != shape.calls) {
      continue;  // not in every call: nothing to hold others to
    }
    if (member.all_numbers) {
      also(fmt::format("args.{} <= {}", name, member.most));
    } else if (member.all_text && member.texts.size() == 1) {
      std::string quoted;
      core::JsonWriter(quoted).string(*member.texts.begin());
      also(fmt::format("args.{} == {}", name, quoted));
    } else if (member.all_text && member.texts.size() <= k_most_texts) {
      std::string list;
      for (const std::string& text : member.texts) {
        list += list.empty() ? "" : ", ";
        core::JsonWriter(list).string(text);
      }
      also(fmt::format("args.{} in [{}]", name, list));
    }
  }
  return out;
}

std::vector<Suggestion> Suggester::suggestions() const {
  std::vector<Suggestion> out;
  for (const auto& [name, tool] : tools_) {
    Suggestion suggestion{.server = name.first, .tool = name.second};
    suggestion.agent = tool.agents.size() == 1 ? *tool.agents.begin() : std::string();
    if (tool.declined == 0 && tool.approved.size() >= k_least) {
      Shape shape;
      for (const std::string& arguments : tool.approved) {
        shape.add(arguments);
      }
      suggestion.when = shape.unreadable == 0 ? condition_of(shape) : std::string();
      if (suggestion.when.empty()) {
        continue;  // nothing in common that a rule could hold to
      }
      suggestion.action = "allow";
      suggestion.calls = tool.approved.size();
      suggestion.reason = fmt::format("approved {} times, never declined", suggestion.calls);
      out.push_back(std::move(suggestion));
    } else if (tool.approved.empty() && tool.declined >= k_least) {
      suggestion.action = "deny";
      suggestion.calls = tool.declined;
      suggestion.reason = fmt::format("declined {} times, never approved", suggestion.calls);
      out.push_back(std::move(suggestion));
    }
  }
  std::ranges::stable_sort(out, std::ranges::greater(), &Suggestion::calls);
  return out;
}

std::string to_document(const std::vector<Suggestion>& suggestions) {
  std::string out =
      "# Proposed from the record, to be reviewed: put what you agree with before the rules that\n"
      "# ask. An allow rule passes exactly what people let pass so far. Nothing here is in force.\n"
      "version: 2\n";
  out += suggestions.empty() ? "rules: []\n" : "rules:\n";
  for (const Suggestion& one : suggestions) {
    // A rule for everybody that only one agent gave reason for names the agent.
    std::string when = one.when;
    if (!one.agent.empty()) {
      std::string quoted;
      core::JsonWriter(quoted).string(one.agent);
      when = fmt::format("agent.name == {}{}{}", quoted, when.empty() ? "" : " && ", when);
    }
    out += fmt::format("  # {}\n  - {{tool: {}",
                       core::printable(one.reason),
                       core::yaml_scalar(one.server + "/" + one.tool));
    if (!when.empty()) {
      out += fmt::format(", when: {}", core::yaml_scalar(when));
    }
    out += fmt::format(", action: {}}}\n", one.action);
  }
  return out;
}

core::Task<core::Result<std::vector<Suggestion>>> suggest(audit::AuditRepo& record,
                                                          core::AccountId account,
                                                          core::WallTime since,
                                                          core::WallTime until) {
  constexpr std::size_t k_page = 1000;
  Suggester suggester;
  const auto take = [&suggester](std::vector<RecordedCall> calls) {
    return feed(suggester, std::move(calls));
  };
  PRELOOP_CO_CHECK(co_await read_recorded_calls(record, account, since, until, take));
  audit::Position after = audit::position_at(since) - 1;
  while (true) {
    PRELOOP_CO_TRY(const std::vector<audit::StoredRecord> page,
                   co_await record.forward(account, after, audit::position_at(until), k_page));
    if (page.empty()) {
      co_return suggester.suggestions();
    }
    after = page.back().position;
    for (const audit::StoredRecord& stored : page) {
      PRELOOP_CO_TRY(const core::JsonDocument parsed, core::JsonDocument::parse(stored.bytes));
      const std::string_view kind = parsed.root()["kind"].as_string().value_or("");
      const auto call = core::CallId::parse(parsed.root()["call"].as_string().value_or(""));
      if (call && (kind == "approval.approved" || kind == "approval.declined")) {
        suggester.decided(*call, kind == "approval.approved");
      }
    }
  }
}

}  // namespace preloop::firewall
