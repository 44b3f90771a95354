#include "audit/record.h"

#include "core/json_writer.h"
#include "core/text.h"

#include <algorithm>

namespace preloop::audit {
namespace {

constexpr std::size_t k_max_text = 1024;
constexpr std::size_t k_max_reason = 4096;

void text_field(core::JsonWriter& out,
                std::string_view name,
                std::string_view text,
                std::size_t most = k_max_text) {
  if (text.empty()) {
    return;
  }
  if (text.size() > most) {
    out.field(name, core::truncate_utf8(text, most));
  } else {
    out.field(name, text);
  }
}

template <class IdType>
void id_field(core::JsonWriter& out, std::string_view name, const std::optional<IdType>& id) {
  if (id) {
    out.field(name, id->text());
  }
}

void details_field(core::JsonWriter& out, const std::string& details) {
  if (details.empty()) {
    return;
  }
  out.key("details");
  if (details.size() <= k_max_details) {
    const auto parsed = core::JsonDocument::parse(details);
    if (parsed && parsed->root().is_object()) {
      out.value(parsed->root());
      return;
    }
  }
  out.begin_object()
      .field("omitted_bytes", details.size())
      .field("sha256", core::to_hex(core::as_bytes(core::sha256(details))))
      .end_object();
}

/// At most `k_payload_head` bytes of `text`, at a code point's border if it has any.
std::string_view head_of(std::string_view text) {
  std::size_t end = std::min(text.size(), k_payload_head);
  for (int i = 0;
       i < 3 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80;
       ++i) {
    --end;
  }
  return text.substr(0, end);
}

PreparedPayload prepare_payload(const Payload& payload) {
  PreparedPayload out{
      .kind = payload.kind, .salt = core::random_bytes(k_salt_size), .size = payload.bytes.size()};
  std::string_view keep;
  if (payload.keep == Keep::full) {
    out.content_is = Content::exact;
    keep = payload.bytes;
  } else if (payload.keep == Keep::redacted) {
    const bool nothing_masked = payload.redacted == payload.bytes;
    out.content_is = nothing_masked ? Content::exact : Content::redacted;
    out.confidential = !nothing_masked;
    keep = payload.redacted;
  }
  if (keep.size() <= k_max_inline_result) {
    out.content = keep;
    return out;
  }
  out.content = head_of(keep);
  if (keep.size() <= k_max_blob) {
    out.blob = keep;
  } else {
    out.content_is = Content::redacted;  // a head alone proves nothing
  }
  return out;
}

std::optional<core::Digest> digest_of(core::Json hex) {
  const auto text = hex.as_string();
  const auto bytes = text && text->size() == 64 ? core::from_hex(*text) : std::nullopt;
  if (!bytes) {
    return std::nullopt;
  }
  core::Digest out{};
  std::ranges::copy(*bytes, out.begin());
  return out;
}

std::optional<core::Uuid> uuid_of(core::Json text) {
  const auto read = text.as_string();
  return read ? core::Uuid::parse(*read) : std::nullopt;
}

std::unexpected<core::Error> bad(std::string_view what) {
  return core::fail(core::Code::data_loss, "not an audit record v1: " + std::string(what));
}

core::Status read_predecessors(core::Json list, RecordView& out) {
  for (const core::JsonNode& node : list.elements()) {
    const core::Json item(&node);
    const auto writer = uuid_of(item["chain"]);
    const auto seq = item["seq"].as_uint();
    const auto hash = digest_of(item["hash"]);
    if (!writer || !seq || !hash) {
      return bad("details.predecessors");
    }
    out.predecessors.push_back({{out.chain.account, *writer}, {*seq, *hash}});
  }
  return {};
}

}  // namespace

std::string_view to_string(Content content) {
  switch (content) {
    case Content::none:
      return "none";
    case Content::redacted:
      return "redacted";
    case Content::exact:
      return "exact";
  }
  return "none";
}

core::Digest commitment(std::string_view salt, std::string_view bytes) {
  return core::Sha256().update(std::string_view("\0", 1)).update(salt).update(bytes).finish();
}

PreparedRecord prepare(const Record& record) {
  PreparedRecord out{.id = record.id,
                     .kind = record.kind,
                     .call = record.call,
                     .agent = record.agent,
                     .tool = core::truncate_utf8(record.tool, k_max_text)};
  out.tail.reserve(768 + record.details.size());
  core::JsonWriter json(out.tail);
  // The tail continues an object that `place` opens.
  out.tail += R"(,"kind":")";
  out.tail += to_string(record.kind);
  out.tail += '"';
  json.key("actor").begin_object().field("class", to_string(record.actor.type));
  text_field(json, "id", record.actor.id);
  text_field(json, "name", record.actor.name);
  json.end_object();
  if (!record.subject.kind.empty()) {
    json.key("subject").begin_object();
    text_field(json, "kind", record.subject.kind);
    text_field(json, "id", record.subject.id);
    json.end_object();
  }
  id_field(json, "call", record.call);
  id_field(json, "approval", record.approval);
  id_field(json, "session", record.session);
  id_field(json, "agent", record.agent);
  id_field(json, "key", record.key);
  text_field(json, "server", record.server);
  text_field(json, "tool", record.tool);
  if (record.decision) {
    json.key("decision").begin_object();
    text_field(json, "action", record.decision->action);
    text_field(json, "rule", record.decision->rule);
    text_field(json, "scope", record.decision->scope);
    text_field(json, "reason", record.decision->reason, k_max_reason);
    json.end_object();
  }
  if (record.policy) {
    json.key("policy").begin_object().field("generation", record.policy->generation);
    text_field(json, "hash", record.policy->hash);
    json.end_object();
  }
  text_field(json, "trace", record.trace);
  std::uint32_t seen = 0;
  for (const Payload& payload : record.payloads) {
    const std::uint32_t bit = 1U << static_cast<unsigned>(payload.kind);
    if ((seen & bit) != 0) {
      continue;
    }
    json.key(seen == 0 ? "commitments" : to_string(payload.kind));
    if (seen == 0) {
      json.begin_object().key(to_string(payload.kind));
    }
    seen |= bit;
    out.payloads.push_back(prepare_payload(payload));
    json.string(core::to_hex(core::as_bytes(commitment(out.payloads.back().salt, payload.bytes))));
  }
  if (seen != 0) {
    json.end_object();
  }
  details_field(json, record.details);
  json.end_object();
  return out;
}

std::string place(const PreparedRecord& prepared,
                  const ChainId& chain,
                  std::uint64_t seq,
                  const core::Digest& prev,
                  std::string_view at_rfc3339,
                  const core::Uuid& id) {
  std::string out;
  out.reserve(prepared.tail.size() + 336);
  out += R"({"v":1,"account":")";
  out += chain.account.text();
  out += R"(","chain":")";
  out += chain.writer.text();
  out += R"(","seq":)";
  out += std::to_string(seq);
  out += R"(,"prev":")";
  core::append_hex(out, core::as_bytes(prev));
  out += R"(","at":")";
  out += at_rfc3339;
  out += R"(","id":")";
  out += id.text();
  out += '"';
  out += prepared.tail;
  return out;
}

core::Digest record_hash(std::string_view bytes) {
  return core::Sha256().update("preloop.audit.v1\n").update(bytes).finish();
}

store::Draft make_draft(core::AccountId account, const Record& record) {
  return store::Draft{account, std::make_shared<const PreparedRecord>(prepare(record))};
}

const PreparedRecord& prepared(const store::Draft& draft) {
  return *static_cast<const PreparedRecord*>(draft.record.get());
}

core::Result<RecordView> read_record(core::Json record) {
  if (record["v"].as_int() != 1) {
    return bad("version");
  }
  RecordView out;
  const auto account = uuid_of(record["account"]), writer = uuid_of(record["chain"]);
  const auto seq = record["seq"].as_uint();
  const auto prev = digest_of(record["prev"]);
  const auto at = record["at"].as_string();
  const auto time = core::parse_rfc3339(at.value_or(""));
  const auto id = uuid_of(record["id"]);
  const auto kind_text = record["kind"].as_string();
  const auto kind = kind_text ? parse_kind(*kind_text) : std::nullopt;
  if (!account || !writer || !seq || *seq == 0 || !prev) {
    return bad("account, chain, seq or prev");
  }
  if (!time || !id || !kind) {
    return bad("at, id or kind");
  }
  out.chain = {core::AccountId{*account}, *writer};
  out.seq = *seq;
  out.prev = *prev;
  out.at = *time;
  out.id = *id;
  out.kind = *kind;
  for (const core::JsonMember& member : record["commitments"].members()) {
    const auto payload = parse_payload_kind(member.key);
    const auto digest = digest_of(member.value());
    if (!payload || !digest) {
      return bad("commitments");
    }
    out.commitments[static_cast<std::size_t>(*payload)] = digest;
  }
  if (out.kind == Kind::chain_opened) {
    PRELOOP_CHECK(read_predecessors(record["details"]["predecessors"], out));
  }
  return out;
}

core::Result<RecordView> parse_record(std::string_view bytes) {
  PRELOOP_TRY(const auto document, core::JsonDocument::parse(std::string(bytes)));
  return read_record(document.root());
}

}  // namespace preloop::audit
