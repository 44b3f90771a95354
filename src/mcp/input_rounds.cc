#include "mcp/input_rounds.h"

#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/text.h"

#include <fmt/format.h>

#include <charconv>

namespace preloop::mcp {

using core::Code;
using core::fail;

namespace {

constexpr std::size_t k_max_questions = 16;
constexpr std::size_t k_max_state = 64 * 1024;
constexpr std::string_view k_state = "requestState";
constexpr std::string_view k_answers = "inputResponses";

void write_without_answers(core::JsonWriter& out, core::Json params, std::string_view text) {
  for (const core::JsonMember& member : params.members()) {
    const auto raw = core::raw_member(text, member.key);
    if (raw && member.key != k_state && member.key != k_answers) {
      out.key(member.key).raw(*raw);
    }
  }
}

}  // namespace

core::Result<InputRequired> read_input_required(std::string_view result) {
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(std::string(result)));
  const std::string_view text = document.text();
  InputRequired out;
  if (const auto state = core::raw_member(text, k_state)) {
    if (!document.root()[k_state].is_string() || state->size() > k_max_state) {
      return fail(Code::invalid_argument, "the server's state cannot be carried");
    }
    out.state = *state;
  }
  const core::Json requests = document.root()["inputRequests"];
  if (requests.size() > k_max_questions || (requests.exists() && !requests.is_object())) {
    return fail(Code::invalid_argument, "the server asks too much at once");
  }
  const std::string_view requests_text = core::raw_member(text, "inputRequests").value_or("{}");
  for (const core::JsonMember& member : requests.members()) {
    const auto method = member.value()["method"].as_string();
    if (!method) {
      return fail(Code::invalid_argument, "the server asks for nothing");
    }
    const std::string_view raw = core::raw_member(requests_text, member.key).value_or("{}");
    out.questions.push_back({std::string(member.key),
                             std::string(*method),
                             std::string(core::raw_member(raw, "params").value_or(""))});
  }
  if (out.questions.empty() && !out.state) {
    return fail(Code::invalid_argument, "the server asks for nothing");
  }
  return out;
}

std::string without_answers(core::Json params, std::string_view params_text) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  write_without_answers(writer, params, params_text);
  writer.end_object();
  return out;
}

std::string with_answers(core::Json params,
                         std::string_view params_text,
                         const std::map<std::string, std::string>& answers,
                         const std::optional<std::string>& state) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  write_without_answers(writer, params, params_text);
  writer.key(k_answers).begin_object();
  for (const auto& [key, answer] : answers) {
    writer.key(key).raw(answer);
  }
  writer.end_object();
  if (state) {
    writer.key(k_state).raw(*state);
  }
  writer.end_object();
  return out;
}

StateSeal::StateSeal() : key_(core::random_bytes(32)) {}

std::string StateSeal::seal(std::string_view state,
                            std::string_view bound,
                            core::WallTime now) const {
  const auto until =
      std::chrono::duration_cast<core::seconds>((now + k_valid_for).time_since_epoch());
  const std::string plain = fmt::format("{}:{}", until.count(), state);
  return fmt::format("\"{}\"", core::to_base64url(core::aes256_gcm_seal(key_, plain, bound)));
}

core::Result<std::string> StateSeal::open(std::string_view sealed,
                                          std::string_view bound,
                                          core::WallTime now) const {
  const auto refuse = [] {
    return fail(Code::invalid_argument,
                "'requestState' is not of this call, or too old; make the call anew without it");
  };
  const auto bytes = core::from_base64url(sealed);
  const auto plain = bytes ? core::aes256_gcm_open(key_, *bytes, bound)
                           : core::Result<core::Secret>(fail(Code::data_loss, ""));
  if (!plain) {
    return refuse();
  }
  const std::string& text = plain->reveal();
  std::int64_t until = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), until);
  const auto at = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || at >= text.size() ||
      std::chrono::duration_cast<core::seconds>(now.time_since_epoch()).count() > until) {
    return refuse();
  }
  return text.substr(at + 1);
}

std::string with_state(std::string_view result, std::string_view state) {
  const auto old = core::raw_member(result, k_state);
  if (!old) {
    return std::string(result);
  }
  const auto at = static_cast<std::size_t>(old->data() - result.data());
  std::string out(result.substr(0, at));
  out += state;
  out += result.substr(at + old->size());
  return out;
}

}  // namespace preloop::mcp
