#pragma once
#include "audit/head.h"
#include "audit/payload_cipher.h"
#include "audit/record.h"
#include "store/database.h"

#include <string>
#include <vector>

namespace preloop::audit {

/// Where a record lies among all of its account's: larger is later. Microseconds since 1970 << 10
/// plus a counter in steps of four; the three numbers behind it are its payloads'.
using Position = std::int64_t;
inline constexpr Position k_position_step = 4;
constexpr Position position_at(core::WallTime time) {
  return core::to_micros(time) << 10;
}

// The statements that write the record, for units of the sealer and the keeper. Pure.
store::Statement insert_chain(const ChainId& chain, core::WallTime at);
store::Statement insert_record(const ChainId& chain,
                               std::uint64_t seq,
                               Position position,
                               const PreparedRecord& prepared,
                               std::string bytes);
void insert_payloads(const ChainId& chain,
                     Position position,
                     const core::Uuid& record_id,
                     const PreparedRecord& prepared,
                     const PayloadCipher& cipher,
                     std::vector<store::Statement>& out);
store::Statement insert_head(const SignedHead& head);
/// Those for which a later anchor speaks.
store::Statement delete_heads_before(const ChainId& chain, std::uint64_t seq);
store::Statement insert_key(const PublicKey& key, core::WallTime at);

}  // namespace preloop::audit
