#pragma once
#include "catalogue/catalogue.h"
#include "core/json.h"
#include "core/result.h"
#include "mcp/replies.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::mcp {

/// What servers list beside their tools, as clients see it: pure functions from the catalogue.
enum class ListKind : std::uint8_t { resources, templates, prompts };

/// The list a method asks for; nullopt for another method.
std::optional<ListKind> list_kind(std::string_view method);
/// What getting an item of the list is.
catalogue::Method method_of(ListKind kind);

/// One item of one server. Views into what `lists` holds.
struct ListedItem {
  std::shared_ptr<const catalogue::Server> server;
  std::shared_ptr<const catalogue::ServerLists> lists;
  const catalogue::ServerLists::Item* item = nullptr;
};

/// In the order of servers, then as listed. `may_see` tells whether the caller may ever get items
/// of a server: others are not listed.
std::vector<ListedItem> listed_items(
    const catalogue::Catalogue& catalogue,
    ListKind kind,
    std::optional<core::ServerId> server,
    const std::function<bool(core::ServerId, catalogue::Method)>& may_see);

/// One page; as tools_page.
core::Result<std::string> items_page(const std::vector<ListedItem>& items,
                                     ListKind kind,
                                     Naming naming,
                                     core::Json params,
                                     std::size_t page_size);
/// A number that changes when what the pages show does; never 0.
std::uint64_t items_digest(const std::vector<ListedItem>& items);

/// The prompt a client calls so on /mcp/v1: its server and the server's own name for it.
std::optional<std::pair<core::ServerId, std::string>> find_prompt(
    const catalogue::Catalogue& catalogue, std::string_view exposed_name);

}  // namespace preloop::mcp
