#pragma once
#include "core/json.h"

#include <optional>
#include <string>
#include <string_view>

namespace preloop::mcp {

/// What a client said it can be asked for.
struct ClientAbilities {
  bool forms = false;  ///< elicitation, of forms
  bool urls = false;   ///< elicitation, by sending the person to an address
  bool sampling = false;
  bool roots = false;
};
/// `capabilities` as a client declares them.
ClientAbilities read_abilities(core::Json capabilities);
/// The same as a client declares it, JSON.
std::string capabilities_of(const ClientAbilities& can);
/// The members of `capabilities` that a client needs to be asked this, as JSON.
std::string needed_abilities(std::string_view method, std::string_view params);
/// May it be asked this? Else why not, in words for the server.
std::optional<std::string> cannot_ask(const ClientAbilities& can,
                                      std::string_view method,
                                      std::string_view params);

}  // namespace preloop::mcp
