#include "mcp/exposed_uris.h"

#include "catalogue/names.h"
#include "core/json.h"
#include "core/json_writer.h"

#include <algorithm>
#include <vector>

namespace preloop::mcp {
namespace {

constexpr std::string_view k_interface = "ui://";

/// Pieces of `text` with what takes their place, in order of finding.
class Splices {
 public:
  explicit Splices(std::string_view text) : text_(text) {}

  /// The member `uri` of an object that lies in the text.
  void uri_of(std::string_view object, std::string_view member, std::string_view server) {
    const auto raw = core::raw_member(object, member);
    if (!raw || !raw->starts_with('"')) {
      return;
    }
    const auto document = core::JsonDocument::parse("[" + std::string(*raw) + "]");
    if (!document) {
      return;
    }
    std::string quoted;
    core::JsonWriter(quoted).string(
        exposed_uri(server, document->root().at(0).as_string().value_or("")));
    pieces_.push_back({static_cast<std::size_t>(raw->data() - text_.data()), raw->size(), quoted});
  }

  std::string apply() {
    std::ranges::sort(pieces_, {}, &Piece::at);
    std::string out;
    std::size_t done = 0;
    for (const Piece& piece : pieces_) {
      out += text_.substr(done, piece.at - done);
      out += piece.by;
      done = piece.at + piece.size;
    }
    out += text_.substr(done);
    return out;
  }

 private:
  struct Piece {
    std::size_t at;
    std::size_t size;
    std::string by;
  };
  std::string_view text_;
  std::vector<Piece> pieces_;
};

/// A content block: a link has a URI, an embedded resource has one inside.
void in_block(Splices& out, std::string_view block, std::string_view server) {
  if (!block.starts_with('{')) {
    return;
  }
  const auto type = core::raw_member(block, "type");
  if (type == R"("resource_link")") {
    out.uri_of(block, "uri", server);
  } else if (type == R"("resource")") {
    if (const auto resource = core::raw_member(block, "resource");
        resource && resource->starts_with('{')) {
      out.uri_of(*resource, "uri", server);
    }
  }
}

std::vector<std::string_view> list_of(std::string_view object, std::string_view member) {
  const auto raw = core::raw_member(object, member);
  return raw && raw->starts_with('[') ? core::raw_elements(*raw) : std::vector<std::string_view>();
}

}  // namespace

std::string exposed_uri(std::string_view server, std::string_view uri) {
  std::string out;
  if (uri.starts_with(k_interface)) {
    out = k_interface;
    uri.remove_prefix(k_interface.size());
  }
  out += server;
  out += '+';
  out += uri;
  return out;
}

std::optional<OwnUri> own_uri(std::string_view exposed) {
  const bool is_interface = exposed.starts_with(k_interface);
  if (is_interface) {
    exposed.remove_prefix(k_interface.size());
  }
  const std::size_t plus = exposed.find('+');
  if (plus == std::string_view::npos || !catalogue::is_valid_server_name(exposed.substr(0, plus))) {
    return std::nullopt;
  }
  std::string uri(is_interface ? k_interface : std::string_view());
  uri += exposed.substr(plus + 1);
  return OwnUri{exposed.substr(0, plus), std::move(uri)};
}

std::string expose_result_uris(std::string result, std::string_view server) {
  // Most results have none and pass as they are.
  if (!result.starts_with('{') || result.find("uri") == std::string::npos) {
    return result;
  }
  Splices out(result);
  for (const std::string_view block : list_of(result, "content")) {
    in_block(out, block, server);
  }
  for (const std::string_view item : list_of(result, "contents")) {
    if (item.starts_with('{')) {
      out.uri_of(item, "uri", server);
    }
  }
  for (const std::string_view message : list_of(result, "messages")) {
    if (!message.starts_with('{')) {
      continue;
    }
    if (const auto content = core::raw_member(message, "content")) {
      in_block(out, *content, server);
    }
  }
  return out.apply();
}

std::string expose_interface_uri(std::string_view definition, std::string_view server) {
  if (definition.find("resourceUri") == std::string_view::npos) {
    return std::string(definition);
  }
  Splices out(definition);
  if (const auto meta = core::raw_member(definition, "_meta"); meta && meta->starts_with('{')) {
    out.uri_of(*meta, "ui/resourceUri", server);
    if (const auto ui = core::raw_member(*meta, "ui"); ui && ui->starts_with('{')) {
      out.uri_of(*ui, "resourceUri", server);
    }
  }
  return out.apply();
}

}  // namespace preloop::mcp
