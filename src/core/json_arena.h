#pragma once
#include "core/json.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>

namespace preloop::core {

/// Where the nodes and unescaped strings of one document live; freed together. Internal to
/// core/json*.cc. Not thread-safe while building, immutable afterwards.
class JsonArena {
 public:
  std::string_view text(std::string_view value) {
    if (value.empty()) {
      return {};
    }
    auto* const copy = static_cast<char*>(memory_.allocate(value.size(), 1));
    std::memcpy(copy, value.data(), value.size());
    return {copy, value.size()};
  }
  JsonNode string(std::string_view value) { return string_view(text(value)); }
  /// Does not copy: `value` must live as long as the arena.
  static JsonNode string_view(std::string_view value) {
    JsonNode node;
    node.kind = JsonKind::string;
    node.size = static_cast<std::uint32_t>(value.size());
    node.text = value.data();
    return node;
  }
  JsonNode array(std::span<const JsonNode> elements) {
    JsonNode node;
    node.kind = JsonKind::array;
    node.size = static_cast<std::uint32_t>(elements.size());
    node.elements = copy(elements);
    return node;
  }
  /// The keys must live as long as the arena.
  JsonNode object(std::span<const JsonMember> members) {
    JsonNode node;
    node.kind = JsonKind::object;
    node.size = static_cast<std::uint32_t>(members.size());
    node.members = copy(members);
    return node;
  }

 private:
  template <class T>
  const T* copy(std::span<const T> values) {
    if (values.empty()) {
      return nullptr;
    }
    auto* const to = static_cast<T*>(memory_.allocate(values.size_bytes(), alignof(T)));
    std::uninitialized_copy(values.begin(), values.end(), to);
    return to;
  }

  alignas(std::max_align_t) std::array<std::byte, 768> first_;
  std::pmr::monotonic_buffer_resource memory_{first_.data(), first_.size()};
};

struct JsonDocument::Impl {
  std::string text;
  JsonArena arena;
  JsonNode root;
};

}  // namespace preloop::core
