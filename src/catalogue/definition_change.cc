#include "catalogue/definition.h"
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace preloop::catalogue {
namespace {

constexpr std::size_t k_most_lines = 100;
constexpr std::size_t k_most_text = 400;  ///< bytes of one value in a line
constexpr std::size_t k_context = 60;     ///< bytes around what differs in a long text

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// What two long texts do not share, with a little of what is around it. A change at the end of a
/// description of pages must not be cut off.
struct Excerpt {
  std::string_view was, is;
  bool begins_later = false, ends_earlier = false;
};
Excerpt excerpt(std::string_view was, std::string_view is) {
  const std::size_t shorter = std::min(was.size(), is.size());
  std::size_t front = 0, back = 0;
  while (front < shorter && was[front] == is[front]) {
    ++front;
  }
  while (back < shorter - front && was[was.size() - 1 - back] == is[is.size() - 1 - back]) {
    ++back;
  }
  front -= std::min(front, k_context);
  back -= std::min(back, k_context);
  while (front > 0 && continues(was[front])) {
    --front;
  }
  while (back > 0 && continues(was[was.size() - back])) {
    --back;
  }
  return {.was = was.substr(front, was.size() - front - back),
          .is = is.substr(front, is.size() - front - back),
          .begins_later = front > 0,
          .ends_earlier = back > 0};
}

std::string quoted(std::string_view text, const Excerpt& around) {
  return fmt::format("{}\"{}\"{}",
                     around.begins_later ? "…" : "",
                     core::printable(text, k_most_text),
                     around.ends_earlier ? "…" : "");
}

std::string shown(core::Json value) {
  return value.exists() ? core::printable(value.dump(), k_most_text) : std::string("(absent)");
}

class Describer {
 public:
  void compare(const std::string& path, core::Json was, core::Json is) {
    if (core::json_equal(was, is)) {
      return;
    }
    const auto old_text = was.as_string(), new_text = is.as_string();
    if (was.is_object() && is.is_object()) {
      compare_members(path, was, is);
    } else if (was.is_array() && is.is_array() && is_of_scalars(was) && is_of_scalars(is)) {
      compare_elements(path, was, is);
    } else if (old_text && new_text && std::max(old_text->size(), new_text->size()) > k_most_text) {
      const Excerpt part = excerpt(*old_text, *new_text);
      say(path, quoted(part.was, part), quoted(part.is, part));
    } else {
      say(path, shown(was), shown(is));
    }
  }

  std::vector<std::string> finish() {
    if (more_ > 0) {
      lines_.push_back(fmt::format("and {} more", more_));
    }
    return std::move(lines_);
  }

 private:
  void compare_members(const std::string& path, core::Json was, core::Json is) {
    std::set<std::string_view> keys;
    for (const core::Json side : {was, is}) {
      for (const core::JsonMember& member : side.members()) {
        keys.insert(member.key);
      }
    }
    for (const std::string_view key : keys) {
      compare(path.empty() ? core::printable(key, 64)
                           : fmt::format("{}.{}", path, core::printable(key, 64)),
              was[key],
              is[key]);
    }
  }

  /// `required`, `enum`: what came and what went.
  void compare_elements(const std::string& path, core::Json was, core::Json is) {
    const std::string gone = missing_in(is, was), come = missing_in(was, is);
    if (gone.empty() && come.empty()) {
      say(path, shown(was), shown(is));  // another order, or one of them twice
      return;
    }
    add(fmt::format("{}: {}{}{}",
                    path,
                    gone.empty() ? "" : "without " + gone,
                    gone.empty() || come.empty() ? "" : ", ",
                    come.empty() ? "" : "now also " + come));
  }

  static bool is_of_scalars(core::Json list) {
    return std::ranges::none_of(list.elements(), [](const core::JsonNode& node) {
      const core::Json element(&node);
      return element.is_object() || element.is_array();
    });
  }

  /// Elements of `list` that `other` does not have.
  static std::string missing_in(core::Json other, core::Json list) {
    std::string out;
    for (const core::JsonNode& node : list.elements()) {
      const core::Json element(&node);
      const bool there = std::ranges::any_of(other.elements(), [&](const core::JsonNode& theirs) {
        return core::json_equal(core::Json(&theirs), element);
      });
      if (!there && out.size() < k_most_text) {
        out += (out.empty() ? "" : ", ") + core::printable(element.dump(), 64);
      }
    }
    return out;
  }

  void say(const std::string& path, const std::string& was, const std::string& is) {
    add(fmt::format("{}: was {}, now {}", path, was, is));
  }

  void add(std::string line) {
    if (lines_.size() == k_most_lines) {
      ++more_;
    } else {
      lines_.push_back(std::move(line));
    }
  }

  std::vector<std::string> lines_;
  std::size_t more_ = 0;
};

}  // namespace

std::vector<std::string> describe_changes(std::string_view accepted, std::string_view current) {
  const auto before = core::JsonDocument::parse(std::string(accepted));
  const auto after = core::JsonDocument::parse(std::string(current));
  if (!before || !after) {
    return {};
  }
  Describer describer;
  describer.compare("", before->root(), after->root());
  return describer.finish();
}

}  // namespace preloop::catalogue
