#pragma once
#include "policy/document.h"

#include <cstdint>
#include <string>
#include <vector>

namespace preloop::policy {

/// What becomes of objects in force that a document does not name.
enum class Prune : std::uint8_t {
  no,   ///< they stay
  yes,  ///< they go: what is in force equals the document
};

/// The whole document that applying `wanted` to `current` puts in force. `current` is complete.
///
/// Objects are: each team, server, workflow, tool setting and scope by name; the account's rules as
/// one ordered list (where a kept rule should stand among new ones is nothing anybody can guess);
/// metadata, defaults and tests as a whole. Sections a document does not have are left alone
/// without `prune`; servers are left alone with it, too, when there is no servers section. Pure.
Document merge(const Document& current, const Document& wanted, Prune prune);

/// What stays in force only because nothing is pruned: "workflows old".
std::vector<std::string> kept(const Document& current, const Document& wanted);

}  // namespace preloop::policy
