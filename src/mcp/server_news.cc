#include "mcp/server_news.h"

#include "core/json_writer.h"

#include <utility>

namespace preloop::mcp {

bool ServerNews::wants_any() const {
  return hello_.tools_change || hello_.resources_change || hello_.prompts_change || !uris_.empty();
}

std::string ServerNews::params() const {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("notifications").begin_object();
  if (hello_.tools_change) {
    writer.field("toolsListChanged", true);
  }
  if (hello_.resources_change) {
    writer.field("resourcesListChanged", true);
  }
  if (hello_.prompts_change) {
    writer.field("promptsListChanged", true);
  }
  if (!uris_.empty()) {
    writer.key("resourceSubscriptions").begin_array();
    for (const std::string& uri : uris_) {
      writer.string(uri);
    }
    writer.end_array();
  }
  writer.end_object().end_object();
  return out;
}

std::uint64_t ServerNews::acknowledged(std::uint64_t id, std::vector<std::string> uris) {
  if (id == 0 || id != latest_ || current_ == id) {
    return 0;
  }
  granted_ = {std::make_move_iterator(uris.begin()), std::make_move_iterator(uris.end())};
  return std::exchange(current_, id);
}

bool ServerNews::ended(std::uint64_t id) {
  if (current_ == id) {
    current_ = 0;
  }
  if (latest_ != id) {
    return false;
  }
  latest_ = 0;
  return true;
}

bool ServerNews::grants(std::string_view uri) const {
  return current_ != 0 && granted_.contains(uri);
}

}  // namespace preloop::mcp
