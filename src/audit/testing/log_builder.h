#pragma once
#include "audit/export.h"
#include "audit/record.h"
#include "core/json_writer.h"
#include "core/text.h"

#include <map>
#include <string>
#include <vector>

namespace preloop::audit::testing {

inline SigningKey key_of(char fill) {
  return SigningKey(core::Secret(std::string(32, fill)));
}

/// An export made without a database: chains of records, heads where the test wants them.
class LogBuilder {
 public:
  explicit LogBuilder(char key = 'k') : key_(key_of(key)), writer_(key_) {}

  LogBuilder& header(std::vector<PublicKey> keys = {}) {
    if (keys.empty()) {
      keys.push_back({key_.public_key(), {}, {}});
    }
    return push(writer_.header({"http://test", account, now, "test", std::move(keys)}));
  }
  /// A chain.opened record that names `before`.
  LogBuilder& open(const core::Uuid& chain, const std::vector<core::Uuid>& before = {}) {
    std::string details;
    core::JsonWriter json(details);
    json.begin_object().key("predecessors").begin_array();
    for (const core::Uuid& other : before) {
      json.begin_object()
          .field("chain", other.to_string())
          .field("seq", heads[other].seq)
          .field("hash", core::to_hex(core::as_bytes(heads[other].hash)))
          .end_object();
    }
    json.end_array().end_object();
    return record(chain, {.kind = Kind::chain_opened, .details = details});
  }
  LogBuilder& record(const core::Uuid& chain, const Record& record) {
    const PreparedRecord ready = prepare(record);
    const std::string bytes = advance(chain, ready);
    std::vector<ExportedPayload> shown;
    shown.reserve(ready.payloads.size());
    for (const PreparedPayload& payload : ready.payloads) {
      shown.push_back({payload.kind,
                       payload.content_is,
                       payload.size,
                       payload.salt,
                       payload.blob.empty() ? payload.content : payload.blob});
    }
    return push(writer_.record(bytes, shown));
  }
  /// A record that was written once and is missing now.
  LogBuilder& lost(const core::Uuid& chain, Kind kind = Kind::call_requested) {
    advance(chain, prepare({.kind = kind}));
    return *this;
  }
  LogBuilder& call(const core::Uuid& chain, std::string_view args) {
    return record(chain,
                  {.kind = Kind::call_requested,
                   .actor = {ActorClass::agent, "a1", "example"},
                   .tool = "pay",
                   .payloads = {{PayloadKind::args, args, Keep::full, {}}}});
  }
  LogBuilder& head(const core::Uuid& chain, Purpose purpose = Purpose::head) {
    return push(
        writer_.head(key_.sign({purpose, "http://test", {account, chain}, heads[chain], now})));
  }
  LogBuilder& end() { return push(writer_.end()); }
  LogBuilder& push(std::string line) {
    lines.push_back(std::move(line));
    return *this;
  }
  std::string text() const {
    std::string out;
    for (const std::string& line : lines) {
      out += line;
    }
    return out;
  }

  core::AccountId account{*core::Uuid::parse("01900000-0000-7000-8000-0000000000aa")};
  core::WallTime now = core::from_micros(1'767'225'600'000'000);
  std::map<core::Uuid, Link> heads;
  std::vector<std::string> lines;  ///< each with its newline

 private:
  std::string advance(const core::Uuid& chain, const PreparedRecord& ready) {
    Link& last = heads[chain];
    core::Uuid id = chain;
    id.bytes[8] = static_cast<std::uint8_t>(last.seq);
    std::string bytes =
        place(ready, {account, chain}, last.seq + 1, last.hash, core::to_rfc3339(now), id);
    now += core::milliseconds(1);
    last = {last.seq + 1, record_hash(bytes)};
    return bytes;
  }

  SigningKey key_;
  ExportWriter writer_;
};

}  // namespace preloop::audit::testing
