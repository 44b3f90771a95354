#include "audit/export.h"

#include "core/json_writer.h"
#include "core/text.h"

namespace preloop::audit {

std::string ExportWriter::line(std::string text) {
  text += '\n';
  digest_.update(text);
  ++lines_;
  return text;
}

std::string ExportWriter::header(const ExportHeader& header) {
  std::string out;
  core::JsonWriter json(out);
  json.begin_object()
      .field("type", "header")
      .field("format", "preloop.audit.export")
      .field("v", 1)
      .field("origin", header.origin)
      .field("account", header.account.to_string())
      .field("at", core::to_rfc3339(header.at))
      .field("software", header.software)
      .key("keys")
      .begin_array();
  for (const PublicKey& key : header.keys) {
    json.begin_object().field("id", key.id()).field("public", core::to_hex(key.public_key));
    if (!key.endorsed_by.empty()) {
      json.field("endorsed_by", key.endorsed_by)
          .field("endorsement", core::to_hex(key.endorsement));
    }
    json.end_object();
  }
  json.end_array().end_object();
  return line(std::move(out));
}

std::string ExportWriter::record(std::string_view bytes,
                                 std::span<const ExportedPayload> payloads) {
  std::string out;
  out.reserve(bytes.size() + 64);
  core::JsonWriter json(out);
  json.begin_object().field("type", "record").key("record").raw(bytes);
  if (!payloads.empty()) {
    json.key("payloads").begin_array();
    for (const ExportedPayload& payload : payloads) {
      json.begin_object()
          .field("kind", to_string(payload.kind))
          .field("content", to_string(payload.content_is))
          .field("size", payload.size);
      if (payload.content_is == Content::exact) {
        json.field("salt", core::to_hex(payload.salt));
      }
      if (payload.content_is != Content::none) {
        core::is_valid_utf8(payload.content) ? json.field("text", payload.content)
                                             : json.field("hex", core::to_hex(payload.content));
      }
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  return line(std::move(out));
}

std::string ExportWriter::head(const SignedHead& head) {
  std::string out;
  core::JsonWriter json(out);
  json.begin_object()
      .field("type", "head")
      .field("purpose", to_string(head.head.purpose))
      .field("origin", head.head.origin)
      .field("account", head.head.chain.account.to_string())
      .field("chain", head.head.chain.writer.to_string())
      .field("seq", head.head.last.seq)
      .field("hash", core::to_hex(core::as_bytes(head.head.last.hash)))
      .field("at", core::to_rfc3339(head.head.at))
      .field("key", head.key_id)
      .field("signature", core::to_hex(head.signature))
      .end_object();
  return line(std::move(out));
}

std::string ExportWriter::end() {
  const core::Digest digest = digest_.finish();
  return end_line(lines_, digest, key_.id(), key_.sign(end_text(lines_, digest))) + "\n";
}

std::string end_text(std::uint64_t lines, const core::Digest& digest) {
  return "preloop.audit.export.v1\n" + std::to_string(lines) + "\n" +
         core::to_hex(core::as_bytes(digest)) + "\n";
}

std::string end_line(std::uint64_t lines,
                     const core::Digest& digest,
                     std::string_view key_id,
                     std::string_view signature) {
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("type", "end")
      .field("lines", lines)
      .field("sha256", core::to_hex(core::as_bytes(digest)))
      .field("key", key_id)
      .field("signature", core::to_hex(signature))
      .end_object();
  return out;
}

}  // namespace preloop::audit
