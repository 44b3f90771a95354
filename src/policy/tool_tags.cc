#include "policy/tool_tags.h"

namespace preloop::policy {
namespace {

ToolTags bit(ToolTag tag, bool set) {
  return set ? static_cast<ToolTags>(tag) : ToolTags{0};
}

}  // namespace

std::optional<ToolTag> parse_tool_tag(std::string_view name) {
  if (name == "read_only") {
    return ToolTag::read_only;
  }
  if (name == "destructive") {
    return ToolTag::destructive;
  }
  if (name == "idempotent") {
    return ToolTag::idempotent;
  }
  if (name == "open_world") {
    return ToolTag::open_world;
  }
  return std::nullopt;
}

ToolTags tags_of(const catalogue::Annotations& annotations) {
  const bool read_only = annotations.read_only_hint;
  return static_cast<ToolTags>(
      bit(ToolTag::read_only, read_only) |
      bit(ToolTag::destructive, annotations.destructive_hint && !read_only) |
      bit(ToolTag::idempotent, annotations.idempotent_hint || read_only) |
      bit(ToolTag::open_world, annotations.open_world_hint));
}

}  // namespace preloop::policy
