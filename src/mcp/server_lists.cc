#include "mcp/server_lists.h"

#include "core/crypto.h"
#include "core/text.h"
#include "mcp/list_pages.h"

#include <fmt/format.h>

#include <set>
#include <span>

namespace preloop::mcp {
namespace {

using catalogue::ServerLists;
using core::Code;
using core::Task;
using Items = std::vector<ServerLists::Item>;

constexpr std::size_t k_max_key = 8 * 1024;

/// One list: the method that asks for it, where its items are, and what tells one from another.
struct Kind {
  std::string_view method;
  std::string_view member;
  std::string_view key;
};
constexpr Kind k_resources{"resources/list", "resources", "uri"};
constexpr Kind k_templates{"resources/templates/list", "resourceTemplates", "uriTemplate"};
constexpr Kind k_prompts{"prompts/list", "prompts", "name"};

/// A server that answers with an error, or with what is no list, has an empty one.
Task<core::Status> read_list(UpstreamSession& session,
                             const Kind& kind,
                             core::MonoTime deadline,
                             Items& items,
                             std::string& problem) {
  ListPages pages(kind.member);
  std::set<std::string, std::less<>> seen;
  const auto add = [&](core::Json item, std::string_view text) {
    const auto key = item[kind.key].as_string();
    if (key && !key->empty() && key->size() <= k_max_key && seen.emplace(*key).second) {
      items.push_back({std::string(*key), std::string(text)});
    }
  };
  for (bool more = true; more;) {
    const auto answer = co_await session.request(kind.method, pages.params(), deadline);
    if (!answer && answer.error().code == Code::unavailable) {
      co_return std::unexpected(answer.error());
    }
    const auto added =
        answer ? pages.add(*answer, add) : core::Result<bool>(std::unexpected(answer.error()));
    if (!added) {
      items.clear();
      problem = core::printable(added.error().message, 300);
      co_return core::Status();
    }
    more = *added;
  }
  co_return core::Status();
}

std::uint64_t digest_of(const ServerLists& lists) {
  core::Sha256 hash;
  for (const Items* const items : {&lists.resources, &lists.templates, &lists.prompts}) {
    for (const ServerLists::Item& item : *items) {
      hash.update_field(item.text);
    }
    hash.update_field("end");
  }
  const std::string flags =
      fmt::format("{}{}{}", lists.has_resources, lists.has_prompts, lists.has_completions);
  const core::Digest digest = hash.update_field(flags).finish();
  std::uint64_t out = 0;
  for (const std::uint8_t byte : std::span(digest).first<8>()) {
    out = out << 8 | byte;
  }
  return out;
}

}  // namespace

Task<core::Result<ServerListing>> list_others(UpstreamSession& session, core::MonoTime deadline) {
  const ServerHello& hello = session.hello();
  auto lists = std::make_shared<ServerLists>();
  lists->has_resources = hello.has_resources;
  lists->has_prompts = hello.has_prompts;
  lists->has_completions = hello.has_completions;
  ServerListing listing;
  if (hello.has_resources) {
    PRELOOP_CO_CHECK(
        co_await read_list(session, k_resources, deadline, lists->resources, listing.problem));
    std::string none;  // many servers with resources have no templates, and say so with an error
    PRELOOP_CO_CHECK(co_await read_list(session, k_templates, deadline, lists->templates, none));
  }
  if (hello.has_prompts) {
    PRELOOP_CO_CHECK(
        co_await read_list(session, k_prompts, deadline, lists->prompts, listing.problem));
  }
  lists->digest = digest_of(*lists);
  listing.lists = std::move(lists);
  co_return listing;
}

}  // namespace preloop::mcp
