#include "identity/directory.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace preloop::identity {
namespace {

using core::Code;
using core::fail;

template <class Map, class Item>
const Item* find_in(const Map& index, const std::vector<Item>& items, const auto& id) {
  const auto found = index.find(id);
  return found == index.end() ? nullptr : &items[found->second];
}

core::Result<Principal> principal_of_agent(const Directory& directory, const KeyInfo& key) {
  const Agent* agent = key.agent ? directory.find_agent(*key.agent) : nullptr;
  if (agent == nullptr || agent->account != key.account) {
    return fail(Code::unauthenticated, "the key's agent does not exist any more");
  }
  if (agent->standing != Standing::active) {
    return fail(Code::permission_denied,
                fmt::format("the agent {} is suspended; a person with the role admin can let it "
                            "work again",
                            agent->name));
  }
  return Principal(AgentPrincipal{agent->account, agent->id, key.id, key.key_class, {}});
}

core::Result<Principal> principal_of_operator(const Directory& directory, const KeyInfo& key) {
  const Person* person = key.person ? directory.find_person(*key.person) : nullptr;
  if (person == nullptr || person->account != key.account) {
    return fail(Code::unauthenticated, "the key's person does not exist any more");
  }
  if (person->standing != Standing::active) {
    return fail(Code::permission_denied, "your account is suspended; ask an admin");
  }
  return Principal(OperatorPrincipal{
      person->account, person->id, person->role, key.id, key.scopes, key.made_by_admin});
}

}  // namespace

Directory::Directory(Contents contents) : contents_(std::move(contents)) {
  std::erase_if(contents_.keys, [](const KeyInfo& key) { return key.revoked_at.has_value(); });
  for (std::size_t i = 0; i < contents_.keys.size(); ++i) {
    keys_.emplace(contents_.keys[i].id, i);
  }
  for (std::size_t i = 0; i < contents_.agents.size(); ++i) {
    agents_.emplace(contents_.agents[i].id, i);
  }
  for (std::size_t i = 0; i < contents_.people.size(); ++i) {
    people_.emplace(contents_.people[i].id, i);
  }
}

const KeyInfo* Directory::find_key(core::KeyId id) const {
  return find_in(keys_, contents_.keys, id);
}
const Agent* Directory::find_agent(core::AgentId id) const {
  return find_in(agents_, contents_.agents, id);
}
const Person* Directory::find_person(core::PersonId id) const {
  return find_in(people_, contents_.people, id);
}
const Agent* Directory::find_agent(core::AccountId account, std::string_view name) const {
  const auto found = std::ranges::find_if(contents_.agents, [&](const Agent& agent) {
    return agent.account == account && agent.name == name;
  });
  return found == contents_.agents.end() ? nullptr : &*found;
}
const Person* Directory::find_person(core::AccountId account, std::string_view email) const {
  const auto found = std::ranges::find_if(contents_.people, [&](const Person& person) {
    return person.account == account && person.email == email;
  });
  return found == contents_.people.end() ? nullptr : &*found;
}

core::Result<Principal> authenticate(const Directory& directory,
                                     std::string_view authorization,
                                     core::WallTime now) {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.empty()) {
    return fail(Code::unauthenticated, "no credential: send Authorization: Bearer and a key");
  }
  if (authorization.size() <= scheme.size() ||
      !core::iequals(authorization.substr(0, scheme.size()), scheme)) {
    return fail(Code::unauthenticated, "the Authorization header is not Bearer and a key");
  }
  return authenticate_key(directory, core::trim(authorization.substr(scheme.size())), now);
}

core::Result<Principal> authenticate_key(const Directory& directory,
                                         std::string_view key,
                                         core::WallTime now) {
  PRELOOP_TRY(const ParsedKey shown, parse_key(key));
  const KeyInfo* known = directory.find_key(shown.id);
  // One comparison in every case, so that time does not tell an unknown id from a wrong secret.
  const bool is_same = same_hash(known != nullptr ? known->hash : core::Digest{}, shown.hash);
  if (known == nullptr || !is_same || known->key_class != shown.key_class) {
    return fail(Code::unauthenticated, "the key is unknown or was revoked");
  }
  if (known->expires_at && *known->expires_at <= now) {
    return fail(Code::unauthenticated, "the key has expired");
  }
  return shown.key_class == KeyClass::operator_key ? principal_of_operator(directory, *known)
                                                   : principal_of_agent(directory, *known);
}

}  // namespace preloop::identity
