#pragma once
#include "core/snapshot.h"
#include "identity/principal.h"
#include "identity/types.h"

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace preloop::identity {

/// Everybody and every usable key of one moment: immutable, built when something changes, read by
/// each request without a lock (IdentitySnapshot). Keys that were revoked are not in it; expiry is
/// checked when one is used.
class Directory {
 public:
  struct Contents {
    std::vector<Person> people;
    std::vector<Agent> agents;
    std::vector<KeyInfo> keys;
  };
  Directory() = default;
  explicit Directory(Contents contents);

  /// Null when there is none.
  const KeyInfo* find_key(core::KeyId id) const;
  const Agent* find_agent(core::AgentId id) const;
  const Agent* find_agent(core::AccountId account, std::string_view name) const;
  const Person* find_person(core::PersonId id) const;
  const Person* find_person(core::AccountId account, std::string_view email) const;

  const std::vector<Person>& people() const { return contents_.people; }
  const std::vector<Agent>& agents() const { return contents_.agents; }
  const std::vector<KeyInfo>& keys() const { return contents_.keys; }
  /// A copy to change and make the next Directory from.
  Contents contents() const { return contents_; }

 private:
  Contents contents_;
  std::unordered_map<core::KeyId, std::size_t> keys_;
  std::unordered_map<core::AgentId, std::size_t> agents_;
  std::unordered_map<core::PersonId, std::size_t> people_;
};

/// Who shows this `Authorization` header: `Bearer` and a key. Pure, no lock, no database; 1 µs and
/// one SHA-256.
///
/// unauthenticated when the header is missing or malformed, the key unknown, revoked, expired or
/// wrong (one message for the first two and the last: no oracle); permission_denied when its agent
/// or person is suspended. An agent or execution key gives an AgentPrincipal and never a person; an
/// operator key the other way round.
core::Result<Principal> authenticate(const Directory& directory,
                                     std::string_view authorization,
                                     core::WallTime now);
/// The same for a bare key, as `x-api-key` and its like carry it.
core::Result<Principal> authenticate_key(const Directory& directory,
                                         std::string_view key,
                                         core::WallTime now);

}  // namespace preloop::identity
