#include "policy/diff.h"

#include "policy/document_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace preloop::policy {
namespace {

/// Beyond so many comparisons two lists that differ in the middle are shown as replaced.
constexpr std::size_t k_max_cells = 4'000'000;

using Texts = std::vector<std::string>;

template <class T>
Texts texts_of(const std::vector<T>& entries) {
  Texts out;
  out.reserve(entries.size());
  for (const T& entry : entries) {
    out.push_back(flow_text(entry));
  }
  return out;
}

/// Lists whose order means nothing: entries are found by name.
template <class T>
void diff_named(std::vector<Change>& out,
                std::string_view section,
                const std::vector<T>& before,
                const std::vector<T>& after) {
  const auto find = [](const std::vector<T>& entries, const std::string& name) {
    return std::ranges::find_if(entries, [&](const T& entry) { return entry.name == name; });
  };
  for (const T& old : before) {
    if (find(after, old.name) == after.end()) {
      out.push_back({Change::Kind::removed, std::string(section), old.name, flow_text(old), {}});
    }
  }
  for (const T& entry : after) {
    const auto old = find(before, entry.name);
    if (old == before.end()) {
      out.push_back({Change::Kind::added, std::string(section), entry.name, {}, flow_text(entry)});
    } else if (!(*old == entry)) {
      out.push_back({Change::Kind::changed,
                     std::string(section),
                     entry.name,
                     flow_text(*old),
                     flow_text(entry)});
    }
  }
}

/// Which entries of the two lists stay: the longest common subsequence, as flags.
struct Kept {
  std::vector<bool> before, after;
};
Kept keep(const Texts& before, const Texts& after) {
  Kept kept{std::vector<bool>(before.size()), std::vector<bool>(after.size())};
  std::size_t head = 0;
  const std::size_t shorter = std::min(before.size(), after.size());
  while (head < shorter && before[head] == after[head]) {
    kept.before[head] = kept.after[head] = true;
    ++head;
  }
  std::size_t tail = 0;
  while (tail < shorter - head &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) {
    kept.before[before.size() - 1 - tail] = kept.after[after.size() - 1 - tail] = true;
    ++tail;
  }
  const std::size_t rows = before.size() - head - tail, columns = after.size() - head - tail;
  if (rows == 0 || columns == 0 || rows * columns > k_max_cells) {
    return kept;
  }
  std::vector<std::uint32_t> length((rows + 1) * (columns + 1));
  const auto at = [&](std::size_t i, std::size_t j) -> std::uint32_t& {
    return length[i * (columns + 1) + j];
  };
  for (std::size_t i = rows; i-- > 0;) {
    for (std::size_t j = columns; j-- > 0;) {
      at(i, j) = before[head + i] == after[head + j] ? at(i + 1, j + 1) + 1
                                                     : std::max(at(i + 1, j), at(i, j + 1));
    }
  }
  for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
    if (before[head + i] == after[head + j]) {
      kept.before[head + i++] = kept.after[head + j++] = true;
    } else {
      at(i + 1, j) >= at(i, j + 1) ? ++i : ++j;
    }
  }
  return kept;
}

/// Lists whose order decides: positions are those of the side the entry stands on.
void diff_ordered(std::vector<Change>& out,
                  const std::string& section,
                  const Texts& before,
                  const Texts& after) {
  const Kept kept = keep(before, after);
  std::size_t i = 0, j = 0;
  while (i < before.size() || j < after.size()) {
    const bool gone = i < before.size() && !kept.before[i];
    const bool come = j < after.size() && !kept.after[j];
    if (gone && come) {
      out.push_back(
          {Change::Kind::changed, section, std::to_string(j + 1), before[i++], after[j++]});
    } else if (gone) {
      out.push_back({Change::Kind::removed, section, std::to_string(i + 1), before[i], {}});
      ++i;
    } else if (come) {
      out.push_back({Change::Kind::added, section, std::to_string(j + 1), {}, after[j]});
      ++j;
    } else {
      ++i;
      ++j;
    }
  }
}

void diff_text(std::vector<Change>& out,
               std::string_view section,
               std::string before,
               std::string after) {
  if (before != after) {
    const Change::Kind kind = before.empty()  ? Change::Kind::added
                              : after.empty() ? Change::Kind::removed
                                              : Change::Kind::changed;
    out.push_back({kind, std::string(section), {}, std::move(before), std::move(after)});
  }
}

/// One mapping name → text, in order of the names.
void diff_map(std::vector<Change>& out,
              const std::string& section,
              const std::map<std::string, std::string>& before,
              const std::map<std::string, std::string>& after) {
  for (const auto& [name, old] : before) {
    const auto now = after.find(name);
    if (now == after.end()) {
      out.push_back({Change::Kind::removed, section, name, old, {}});
    } else if (now->second != old) {
      out.push_back({Change::Kind::changed, section, name, old, now->second});
    }
  }
  for (const auto& [name, now] : after) {
    if (!before.contains(name)) {
      out.push_back({Change::Kind::added, section, name, {}, now});
    }
  }
}

std::map<std::string, std::string> team_texts(const Document& document) {
  std::map<std::string, std::string> out;
  for (const auto& [name, members] : document.teams) {
    out[name] = members_text(members);
  }
  return out;
}

void diff_scopes(std::vector<Change>& out,
                 std::string_view what,
                 const ScopeTexts& before,
                 const ScopeTexts& after) {
  std::set<std::string> names;
  for (const auto* const side : {&before, &after}) {
    for (const auto& [name, scope] : *side) {
      names.insert(name);
    }
  }
  static const ScopeText k_none;
  for (const std::string& name : names) {
    const auto old = before.find(name);
    const auto now = after.find(name);
    const std::string section = fmt::format("scopes.{}.{}", what, name);
    const ScopeText& was = old == before.end() ? k_none : old->second;
    const ScopeText& is = now == after.end() ? k_none : now->second;
    const bool comes = old == before.end(), goes = now == after.end();
    if ((comes && is == k_none) || (goes && was == k_none)) {
      out.push_back({comes ? Change::Kind::added : Change::Kind::removed,
                     section,
                     {},
                     comes ? "" : "{rules: []}",
                     comes ? "{rules: []}" : ""});
    }
    diff_ordered(out, section, texts_of(was.rules), texts_of(is.rules));
    diff_named(out, section + ".tools", was.tools, is.tools);
    const auto models = [](const ScopeText& scope) {
      return scope.allowed_models ? models_text(*scope.allowed_models) : std::string();
    };
    diff_text(out, section + ".allowed_models", models(was), models(is));
  }
}

}  // namespace

std::string_view to_string(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::added:
      return "added";
    case Change::Kind::removed:
      return "removed";
    case Change::Kind::changed:
      return "changed";
  }
  return "changed";
}

std::vector<Change> diff(const Document& current, const Document& wanted) {
  std::vector<Change> out;
  diff_text(out, "metadata", metadata_text(current), metadata_text(wanted));
  diff_map(out, "teams", team_texts(current), team_texts(wanted));
  if (wanted.servers) {
    diff_named(out,
               "servers",
               current.servers.value_or(std::vector<catalogue::ServerConfig>()),
               *wanted.servers);
  }
  diff_named(out, "workflows", current.workflows, wanted.workflows);
  diff_ordered(out, "rules", texts_of(current.rules), texts_of(wanted.rules));
  diff_ordered(out, "tools", texts_of(current.tools), texts_of(wanted.tools));
  diff_scopes(out, "agents", current.agents, wanted.agents);
  diff_scopes(out, "keys", current.keys, wanted.keys);
  diff_text(out, "defaults", flow_text(current.defaults), flow_text(wanted.defaults));
  diff_ordered(out, "tests", texts_of(current.tests), texts_of(wanted.tests));
  diff_map(out, "not_enforced", current.not_enforced, wanted.not_enforced);
  return out;
}

std::string describe(const std::vector<Change>& changes) {
  std::string out;
  for (const Change& change : changes) {
    const std::string where =
        change.name.empty() ? change.section : fmt::format("{} {}", change.section, change.name);
    if (!change.before.empty()) {
      out += fmt::format("- {}: {}\n", where, change.before);
    }
    if (!change.after.empty()) {
      out += fmt::format("+ {}: {}\n", where, change.after);
    }
  }
  return out;
}

}  // namespace preloop::policy
