#include "audit/write_repo.h"

namespace preloop::audit {
namespace {

using store::Blob;
using store::Statement;
using store::statement;

Blob blob_of(const core::Digest& digest) {
  return {std::string(core::as_bytes(digest))};
}

}  // namespace

Statement insert_chain(const ChainId& chain, core::WallTime at) {
  return statement("INSERT INTO audit_chain (account, chain, opened_at) VALUES ($1, $2, $3)",
                   chain.account,
                   chain.writer,
                   at);
}

Statement insert_record(const ChainId& chain,
                        std::uint64_t seq,
                        Position position,
                        const PreparedRecord& prepared,
                        std::string bytes) {
  // Not `statement(…)`: the record's bytes are moved, not copied, on the hot path.
  Statement out{
      "INSERT INTO audit_record (position, account, chain, seq, kind, agent, call, tool, "
      "record) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      {}};
  out.parameters.reserve(9);
  out.parameters.emplace_back(position);
  out.parameters.push_back(store::value(chain.account));
  out.parameters.push_back(store::value(chain.writer));
  out.parameters.push_back(store::value(seq));
  out.parameters.push_back(store::value(to_string(prepared.kind)));
  out.parameters.push_back(store::value(prepared.agent));
  out.parameters.push_back(store::value(prepared.call));
  out.parameters.push_back(prepared.tool.empty() ? store::null() : store::value(prepared.tool));
  out.parameters.emplace_back(std::move(bytes));
  return out;
}

void insert_payloads(const ChainId& chain,
                     Position position,
                     const core::Uuid& record_id,
                     const PreparedRecord& prepared,
                     const PayloadCipher& cipher,
                     std::vector<Statement>& out) {
  for (const PreparedPayload& payload : prepared.payloads) {
    const Position at = position + static_cast<Position>(payload.kind);
    const auto seal = [&](const std::string& plain) {
      return cipher.seal(plain, chain.account, record_id, payload.kind);
    };
    // Masked text is for reading; only its salt is kept from readers.
    const bool hide_content = payload.confidential && payload.content_is == Content::exact;
    out.push_back(statement(
        "INSERT INTO audit_payload (position, account, chain, record_id, kind, content_is, sealed, "
        "size, salt, content, has_blob) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        at,
        chain.account,
        chain.writer,
        record_id,
        to_string(payload.kind),
        to_string(payload.content_is),
        payload.confidential,
        payload.size,
        Blob{payload.confidential ? seal(payload.salt) : payload.salt},
        Blob{hide_content ? seal(payload.content) : payload.content},
        !payload.blob.empty()));
    if (!payload.blob.empty()) {
      out.push_back(statement(
          "INSERT INTO audit_blob (position, account, chain, content) VALUES ($1, $2, $3, $4)",
          at,
          chain.account,
          chain.writer,
          Blob{seal(payload.blob)}));
    }
  }
}

Statement insert_head(const SignedHead& head) {
  return statement(
      "INSERT INTO audit_head (account, chain, seq, purpose, hash, origin, at, key_id, signature) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
      head.head.chain.account,
      head.head.chain.writer,
      head.head.last.seq,
      to_string(head.head.purpose),
      blob_of(head.head.last.hash),
      head.head.origin,
      head.head.at,
      head.key_id,
      Blob{head.signature});
}

Statement delete_heads_before(const ChainId& chain, std::uint64_t seq) {
  return statement("DELETE FROM audit_head WHERE account = $1 AND chain = $2 AND seq < $3",
                   chain.account,
                   chain.writer,
                   seq);
}

Statement insert_key(const PublicKey& key, core::WallTime at) {
  const bool endorsed = !key.endorsed_by.empty();
  return statement(
      "INSERT INTO audit_key (id, public_key, endorsed_by, endorsement, created_at) VALUES ($1, "
      "$2, $3, $4, $5) ON CONFLICT DO NOTHING",
      key.id(),
      Blob{key.public_key},
      endorsed ? std::optional(key.endorsed_by) : std::nullopt,
      endorsed ? std::optional(Blob{key.endorsement}) : std::nullopt,
      at);
}

}  // namespace preloop::audit
