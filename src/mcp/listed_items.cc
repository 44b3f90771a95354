#include "mcp/listed_items.h"

#include "catalogue/names.h"
#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "mcp/exposed_uris.h"

#include <algorithm>
#include <span>

namespace preloop::mcp {
namespace {

using catalogue::ServerLists;

constexpr std::size_t k_cursor_bytes = 16;

const std::vector<ServerLists::Item>& of_kind(const ServerLists& lists, ListKind kind) {
  switch (kind) {
    case ListKind::resources:
      return lists.resources;
    case ListKind::templates:
      return lists.templates;
    case ListKind::prompts:
      break;
  }
  return lists.prompts;
}

std::string_view member_of(ListKind kind) {
  switch (kind) {
    case ListKind::resources:
      return "resources";
    case ListKind::templates:
      return "resourceTemplates";
    case ListKind::prompts:
      break;
  }
  return "prompts";
}

std::string_view key_of(ListKind kind) {
  switch (kind) {
    case ListKind::resources:
      return "uri";
    case ListKind::templates:
      return "uriTemplate";
    case ListKind::prompts:
      break;
  }
  return "name";
}

std::string exposed_key(const ListedItem& one, ListKind kind) {
  const std::string& server = one.server->config.name;
  return kind == ListKind::prompts ? catalogue::exposed_name(server, one.item->key)
                                   : exposed_uri(server, one.item->key);
}

/// The item with its key exposed, every other byte as the server sent it.
std::string exposed_item(const ListedItem& one, ListKind kind) {
  const std::string_view text = one.item->text;
  const auto key = core::raw_member(text, key_of(kind));
  if (!key) {
    return std::string(text);  // not reached: an item without a key was not taken
  }
  const auto at = static_cast<std::size_t>(key->data() - text.data());
  std::string out(text.substr(0, at));
  core::JsonWriter(out).string(exposed_key(one, kind));
  out += text.substr(at + key->size());
  return out;
}

/// What a cursor says of the last item of a page.
std::string mark(const ListedItem& one) {
  core::Sha256 hash;
  hash.update_field(one.server->id.as_bytes()).update_field(one.item->key);
  const core::Digest digest = hash.finish();
  return core::to_base64url(core::as_bytes(digest).substr(0, k_cursor_bytes));
}

}  // namespace

std::optional<ListKind> list_kind(std::string_view method) {
  if (method == "resources/list") {
    return ListKind::resources;
  }
  if (method == "resources/templates/list") {
    return ListKind::templates;
  }
  if (method == "prompts/list") {
    return ListKind::prompts;
  }
  return std::nullopt;
}

catalogue::Method method_of(ListKind kind) {
  return kind == ListKind::prompts ? catalogue::Method::prompts_get
                                   : catalogue::Method::resources_read;
}

std::vector<ListedItem> listed_items(
    const catalogue::Catalogue& catalogue,
    ListKind kind,
    std::optional<core::ServerId> server,
    const std::function<bool(core::ServerId, catalogue::Method)>& may_see) {
  std::vector<ListedItem> out;
  for (const auto& one : catalogue.servers()) {
    if ((server && one->id != *server) || !one->lists || !may_see(one->id, method_of(kind))) {
      continue;
    }
    for (const ServerLists::Item& item : of_kind(*one->lists, kind)) {
      out.push_back({one, one->lists, &item});
    }
  }
  return out;
}

core::Result<std::string> items_page(const std::vector<ListedItem>& items,
                                     ListKind kind,
                                     Naming naming,
                                     core::Json params,
                                     std::size_t page_size) {
  std::size_t first = 0;
  if (const core::Json cursor = params["cursor"]; cursor.exists()) {
    const auto last = cursor.as_string().value_or("");
    const auto found =
        std::ranges::find_if(items, [&](const ListedItem& one) { return mark(one) == last; });
    if (found == items.end()) {
      return core::fail(core::Code::invalid_argument,
                        "this cursor is no longer valid; list again from the beginning");
    }
    first = static_cast<std::size_t>(found - items.begin()) + 1;
  }
  const auto page = std::span(items).subspan(first, std::min(page_size, items.size() - first));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key(member_of(kind)).begin_array();
  for (const ListedItem& one : page) {
    writer.raw(naming == Naming::exposed ? exposed_item(one, kind) : one.item->text);
  }
  writer.end_array();
  if (first + page.size() < items.size()) {
    writer.field("nextCursor", mark(page.back()));
  }
  writer.end_object();
  return out;
}

std::uint64_t items_digest(const std::vector<ListedItem>& items) {
  core::Sha256 hash;
  for (const ListedItem& one : items) {
    hash.update_field(one.server->config.name).update_field(one.item->text);
  }
  const core::Digest digest = hash.finish();
  std::uint64_t out = 0;
  for (const std::uint8_t byte : std::span(digest).first<8>()) {
    out = out << 8 | byte;
  }
  return out == 0 ? 1 : out;
}

std::optional<std::pair<core::ServerId, std::string>> find_prompt(
    const catalogue::Catalogue& catalogue, std::string_view exposed_name) {
  const catalogue::Server* const server =
      catalogue.find_server(exposed_name.substr(0, exposed_name.find("__")));
  if (server == nullptr || !server->lists) {
    return std::nullopt;
  }
  const auto found = std::ranges::find_if(server->lists->prompts, [&](const auto& item) {
    return catalogue::exposed_name(server->config.name, item.key) == exposed_name;
  });
  if (found == server->lists->prompts.end()) {
    return std::nullopt;
  }
  return std::pair(server->id, found->key);
}

}  // namespace preloop::mcp
