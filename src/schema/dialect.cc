#include "core/text.h"
#include "schema/meta_schemas.h"
#include "schema/registry.h"

namespace preloop::schema {
namespace {

constexpr std::string_view k_uri_2020_12 = "https://json-schema.org/draft/2020-12/schema";
constexpr std::string_view k_uri_draft_07 = "http://json-schema.org/draft-07/schema";

std::string_view without_empty_fragment(std::string_view uri) {
  if (uri.ends_with('#')) {
    uri.remove_suffix(1);
  }
  return uri;
}

/// Whether two URIs differ at most by http and https, which authors mix up.
bool same_page(std::string_view uri, std::string_view known) {
  const auto rest = [](std::string_view text) { return text.substr(text.find(':') + 1); };
  return (uri.starts_with("http:") || uri.starts_with("https:")) && rest(uri) == rest(known);
}

}  // namespace

core::Result<Dialect> dialect_of(std::string_view uri) {
  const std::string_view plain = without_empty_fragment(uri);
  if (same_page(plain, k_uri_2020_12)) {
    return Dialect::draft_2020_12;
  }
  if (same_page(plain, k_uri_draft_07) ||
      same_page(plain, "http://json-schema.org/draft-06/schema")) {
    return Dialect::draft_07;
  }
  return core::fail(
      core::Code::unimplemented,
      "\"" + core::printable(uri, 200) + "\" is not known here; draft-07 and draft 2020-12 are");
}

std::optional<std::string_view> find_meta_schema(std::string_view uri) {
  if (uri == k_uri_2020_12) {
    return meta_schemas()[0].content;
  }
  if (uri == k_uri_draft_07) {
    return meta_schemas()[1].content;
  }
  return std::nullopt;
}

}  // namespace preloop::schema
