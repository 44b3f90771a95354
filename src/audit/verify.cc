#include "audit/verify.h"

#include "audit/export.h"
#include "core/json_writer.h"
#include "core/text.h"

#include <algorithm>

namespace preloop::audit {
namespace {

constexpr std::size_t k_most_findings = 100;
constexpr std::size_t k_most_notes = 100;
constexpr std::size_t k_max_line = 64 * 1024 * 1024;
/// Records of several loops reach the writer out of order by less than this.
constexpr core::seconds k_clock_slack{2};

std::string text_of(core::Json value) {
  return std::string(value.as_string().value_or(""));
}

/// Lower-case hex only: one way to write a value, so that no bit of the file is free.
std::optional<std::string> strict_hex(core::Json value, std::size_t bytes) {
  const auto text = value.as_string();
  if (!text || text->size() != 2 * bytes) {
    return std::nullopt;
  }
  auto out = core::from_hex(*text);
  return out && core::to_hex(*out) == *text ? out : std::nullopt;
}

std::optional<core::Digest> digest_of(core::Json value) {
  const auto bytes = strict_hex(value, 32);
  if (!bytes) {
    return std::nullopt;
  }
  core::Digest out{};
  std::ranges::copy(*bytes, out.begin());
  return out;
}

std::optional<core::Uuid> uuid_of(core::Json value) {
  return core::Uuid::parse(value.as_string().value_or(""));
}

std::optional<SignedHead> read_head(core::Json line) {
  const auto purpose = parse_purpose(line["purpose"].as_string().value_or(""));
  const auto account = uuid_of(line["account"]), writer = uuid_of(line["chain"]);
  const auto seq = line["seq"].as_uint();
  const auto hash = digest_of(line["hash"]);
  const auto at = core::parse_rfc3339(line["at"].as_string().value_or(""));
  const auto signature = strict_hex(line["signature"], 64);
  if (!purpose || !account || !writer || !seq || !hash || !at || !signature) {
    return std::nullopt;
  }
  return SignedHead{
      {*purpose, text_of(line["origin"]), {core::AccountId{*account}, *writer}, {*seq, *hash}, *at},
      text_of(line["key"]),
      *signature};
}

}  // namespace

int exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::intact:
      return 0;
    case Verdict::tampered:
      return 1;
    case Verdict::incomplete:
      return 3;
  }
  return 1;
}

Verifier::Verifier(VerifyOptions options) : options_(std::move(options)) {}

ChainCheck& Verifier::chain(const ChainId& id) {
  return chains_.try_emplace(id, id).first->second;
}

void Verifier::bad(std::string what) {
  fresh_.push_back({Verdict::tampered, report_.lines, std::nullopt, 0, std::move(what)});
}

void Verifier::missing(std::string what) {
  fresh_.push_back({Verdict::incomplete, report_.lines, std::nullopt, 0, std::move(what)});
}

void Verifier::note(std::string text) {
  if (report_.notes.size() < k_most_notes) {
    report_.notes.push_back(std::move(text));
  }
}

/// Takes what the last line brought into the report. Tampering outweighs what is missing.
void Verifier::collect() {
  for (Finding& finding : fresh_) {
    ++report_.finding_count;
    if (finding.verdict == Verdict::tampered && report_.verdict != Verdict::tampered) {
      report_.verdict = Verdict::tampered;
      report_.first = finding;
    } else if (finding.verdict == Verdict::incomplete && report_.verdict == Verdict::intact) {
      report_.verdict = Verdict::incomplete;
      report_.first = finding;
    }
    if (report_.findings.size() < k_most_findings) {
      report_.findings.push_back(std::move(finding));
    }
  }
  fresh_.clear();
}

void Verifier::line(std::string_view text) {
  ++report_.lines;
  if (ended_) {
    bad("something follows the end line");
    collect();
    return;
  }
  const auto document = core::JsonDocument::parse(std::string(text));
  const std::string type = document ? text_of(document->root()["type"]) : "";
  if (!document) {
    bad("not JSON: " + document.error().message);
  } else if (report_.lines == 1 && type != "header") {
    bad("the file does not begin with an audit export header");
  } else if (type == "header") {
    report_.lines == 1 ? header(document->root()) : bad("a second header");
  } else if (type == "record") {
    record(document->root(), text);
  } else if (type == "head") {
    head(document->root());
  } else if (type == "end") {
    end(document->root(), text);
  } else {
    bad("a line of unknown type");
  }
  if (!ended_) {
    digest_.update(text).update("\n");
  }
  collect();
}

void Verifier::unterminated_line(std::string_view text) {
  ++report_.lines;
  cut_ = true;
  if (ended_) {
    bad("something follows the end line");
  } else if (!text.empty()) {
    missing("the last line is cut off");
  }
  collect();
}

void Verifier::header(core::Json line) {
  if (line["format"].as_string() != "preloop.audit.export" || line["v"].as_int() != 1) {
    bad("not a header of an audit export, version 1");
    return;
  }
  std::vector<PublicKey> keys;
  for (const core::JsonNode& node : line["keys"].elements()) {
    const core::Json item(&node);
    const auto public_key = strict_hex(item["public"], 32);
    const bool endorsed = item["endorsed_by"].exists();
    const auto endorsement = strict_hex(item["endorsement"], 64);
    if (!public_key || (endorsed && !endorsement) ||
        item["id"].as_string() != key_id_of(*public_key)) {
      bad("a key of the header is malformed");
      return;
    }
    keys.push_back({*public_key, text_of(item["endorsed_by"]), endorsement.value_or("")});
  }
  auto ring = KeyRing::make(keys, options_.trusted_keys);
  if (!ring) {
    bad(ring.error().message);
    return;
  }
  keys_ = std::move(*ring);
  report_.keys = keys_->roots();
  if (report_.keys.empty()) {
    bad("none of the header's keys is a trusted one");
  } else if (options_.trusted_keys.empty() && report_.keys.size() > 1) {
    note(
        "several signing keys that do not endorse each other: compare their ids with the server's");
  }
}

void Verifier::record(core::Json line, std::string_view text) {
  const auto bytes = core::raw_member(text, "record");
  const auto view = read_record(line["record"]);
  if (!bytes || !view) {
    bad(view ? "no record" : view.error().message);
    return;
  }
  ++report_.records;
  ChainCheck& check = chain(view->chain);
  check.record(*view, record_hash(*bytes), report_.lines, fresh_);
  for (const RecordView::Named& named : view->predecessors) {
    if (named.chain == view->chain) {
      bad("chain.opened names its own chain");
      continue;
    }
    chain(named.chain).expect(named.last, ChainCheck::Witness::mention, report_.lines, fresh_);
  }
  payloads(line["payloads"], *view);
  clock(*view);
}

void Verifier::payloads(core::Json list, const RecordView& record) {
  const auto wrong = [&](std::string what) {
    fresh_.push_back({Verdict::tampered, report_.lines, record.chain, record.seq, std::move(what)});
  };
  for (const core::JsonNode& node : list.elements()) {
    const core::Json item(&node);
    const auto kind = parse_payload_kind(item["kind"].as_string().value_or(""));
    const auto promised = kind ? record.commitments[static_cast<std::size_t>(*kind)] : std::nullopt;
    if (!promised) {
      wrong("a payload that the record does not commit to");
      continue;
    }
    if (item["content"].as_string() != "exact") {
      continue;  // masked or erased: nothing to compare
    }
    const auto salt = strict_hex(item["salt"], k_salt_size);
    std::optional<std::string> content;
    if (const auto text = item["text"].as_string()) {
      content = std::string(*text);
    } else if (const auto hex = item["hex"].as_string()) {
      content = core::from_hex(*hex);
    }
    if (!salt || !content || commitment(*salt, *content) != *promised) {
      wrong("the " + std::string(to_string(*kind)) + " are not those the record commits to");
    } else {
      ++report_.payloads_checked;
    }
  }
}

void Verifier::clock(const RecordView& record) {
  const auto [known, is_new] = clocks_.try_emplace(record.chain, record.at);
  if (!is_new && record.at + k_clock_slack < known->second) {
    note("the clock went back at record " + std::to_string(record.seq) + " of chain " +
         record.chain.writer.to_string() + " (line " + std::to_string(report_.lines) +
         "): " + core::to_rfc3339(known->second) + " to " + core::to_rfc3339(record.at));
  }
  known->second = record.at;
}

void Verifier::head(core::Json line) {
  const auto read = read_head(line);
  if (!read || !keys_ || !keys_->verify(*read)) {
    bad(read ? "a head that no accepted key signed" : "a malformed head");
    return;
  }
  ChainCheck& check = chain(read->head.chain);
  const Link& last = read->head.last;
  if (read->head.purpose == Purpose::head) {
    check.expect(last, ChainCheck::Witness::signature, report_.lines, fresh_);
    return;
  }
  if (check.first_seq() != 0) {
    bad("a chain's starting point behind its records");
    return;
  }
  if (last.seq > check.last().seq) {
    const std::string gone = "records 1 to " + std::to_string(last.seq) + " of chain " +
                             read->head.chain.writer.to_string();
    note(gone + (read->head.purpose == Purpose::retention
                     ? " were deleted by retention before " + core::to_rfc3339(read->head.at)
                     : " are before the period of this export"));
  }
  check.begin_behind(last, report_.lines);
}

void Verifier::end(core::Json line, std::string_view text) {
  ended_ = true;
  const auto lines = line["lines"].as_uint();
  const auto digest = digest_of(line["sha256"]);
  const auto signature = strict_hex(line["signature"], 64);
  const std::string key = text_of(line["key"]);
  // The end line is the only one it does not hash itself: it must be written exactly as we would.
  if (!lines || !digest || !signature || end_line(*lines, *digest, key, *signature) != text ||
      !keys_ || !keys_->verify(key, end_text(*lines, *digest), *signature)) {
    bad("the end line is malformed or no accepted key signed it");
    return;
  }
  if (*lines != report_.lines - 1 || *digest != digest_.finish()) {
    bad("the lines before are not those the end line was signed for");
  }
}

Report Verifier::finish() {
  if (report_.lines == 0 || (report_.lines == 1 && cut_)) {
    missing("the file is empty or cut within its first line");
  }
  for (const auto& [id, check] : chains_) {
    check.finish(fresh_);
    report_.chains.push_back({id, check.first_seq(), check.last()});
  }
  if (!ended_) {
    missing("the export has no end line: it was cut or never finished");
  }
  collect();
  return std::move(report_);
}

core::Result<Report> verify_stream(const std::function<core::Result<std::string>()>& read,
                                   VerifyOptions options) {
  Verifier verifier(std::move(options));
  std::string rest;
  bool stopped = false;
  while (!stopped) {
    PRELOOP_TRY(const std::string chunk, read());
    if (chunk.empty()) {
      break;
    }
    rest += chunk;
    std::size_t from = 0;
    for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', from)) {
      verifier.line(std::string_view(rest).substr(from, end - from));
      from = end + 1;
    }
    rest.erase(0, from);
    stopped = rest.size() > k_max_line;
  }
  if (!rest.empty()) {
    verifier.unterminated_line(rest);
  }
  return verifier.finish();
}

}  // namespace preloop::audit
