#pragma once
#include "catalogue/catalogue_repo.h"
#include "catalogue/types.h"

#include <string>
#include <vector>

namespace preloop::catalogue {

/// What a server's new listing means for what we have stored of it. Pure.
struct ListingChange {
  std::vector<ToolRow> changed;    ///< rows to store
  std::vector<std::string> notes;  ///< for the record: "pay: changed", "refund: new"
  bool accepts_server = false;     ///< the first listing: everything is accepted with it
};

/// `stored` are this server's rows; `listed` what it says now. In a server's first listing every
/// tool is accepted; later an unknown name is `new_tool` and another definition `changed`, until a
/// person accepts it or the server says again what was accepted. A vanished tool keeps its row.
ListingChange apply_listing(const Server& server,
                            const std::vector<ToolRow>& stored,
                            const std::vector<Tool>& listed,
                            core::WallTime now);

}  // namespace preloop::catalogue
