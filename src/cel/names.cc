#include "cel/names.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace preloop::cel {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> name_chain(const Node& node) {
  std::vector<std::string> parts;
  const Node* at = &node;
  for (; at->kind == NodeKind::select; at = at->operand) {
    if (at->is_optional || at->is_test || at->is_quoted) {
      return {};
    }
    parts.emplace_back(at->name);
  }
  if (at->kind != NodeKind::ident) {
    return {};
  }
  parts.emplace_back(at->name);
  std::ranges::reverse(parts);
  return parts;
}

const Node& chain_root(const Node& node) {
  return node.kind == NodeKind::select ? chain_root(*node.operand) : node;
}

std::string join_names(std::span<const std::string> parts) {
  std::string out;
  for (const std::string& part : parts) {
    out += out.empty() ? "" : ".";
    out += part;
  }
  return out;
}

const Value* literal_key(const Node& node) {
  const bool is_index = node.kind == NodeKind::operation &&
                        (node.op == Operator::index || node.op == Operator::optional_index);
  return is_index && node.args[1]->kind == NodeKind::literal &&
                 node.args[1]->literal.is(Kind::string)
             ? &node.args[1]->literal
             : nullptr;
}

std::string_view nearest_name(std::string_view written, std::span<const std::string_view> names) {
  std::string_view best;
  std::size_t best_distance = 1 + written.size() / 3;
  for (const std::string_view name : names) {
    if (name.size() > 64 || written.size() > 64) {
      continue;
    }
    const std::size_t distance = edit_distance(core::ascii_lower(written), core::ascii_lower(name));
    if (distance <= best_distance && (best.empty() || distance < best_distance)) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

std::vector<std::string> name_candidates(std::string_view name, std::string_view container) {
  std::vector<std::string> out;
  while (!container.empty()) {
    out.push_back(fmt::format("{}.{}", container, name));
    const std::size_t dot = container.rfind('.');
    container = dot == std::string_view::npos ? "" : container.substr(0, dot);
  }
  out.emplace_back(name);
  return out;
}

std::optional<Kind> kind_named(std::string_view name) {
  for (int i = 0; i < static_cast<int>(Kind::error); ++i) {
    if (to_string(static_cast<Kind>(i)) == name) {
      return static_cast<Kind>(i);
    }
  }
  return std::nullopt;
}

}  // namespace preloop::cel
