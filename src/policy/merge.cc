#include "policy/merge.h"

#include "policy/diff.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::policy {
namespace {

/// `current` with the entries of `wanted` in place of those of the same name, new ones at the end.
template <class T>
std::vector<T> by_name(const std::vector<T>& current, const std::vector<T>& wanted) {
  std::vector<T> out = current;
  // A name may be there twice (settings of a tool): the entries of a name are replaced together.
  std::erase_if(out, [&](const T& entry) {
    const auto same = [&](const T& other) { return other.name == entry.name; };
    return std::ranges::count_if(wanted, same) != std::ranges::count_if(current, same) &&
           std::ranges::any_of(wanted, same);
  });
  std::vector<bool> placed(wanted.size());
  for (T& entry : out) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!placed[i] && wanted[i].name == entry.name) {
        entry = wanted[i];
        placed[i] = true;
        break;
      }
    }
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!placed[i]) {
      out.push_back(wanted[i]);
    }
  }
  return out;
}

template <class T>
std::map<std::string, T> by_name(const std::map<std::string, T>& current,
                                 const std::map<std::string, T>& wanted) {
  std::map<std::string, T> out = wanted;
  out.insert(current.begin(), current.end());
  return out;
}

}  // namespace

Document merge(const Document& current, const Document& wanted, Prune prune) {
  Document out = wanted;
  if (prune == Prune::yes) {
    return out;
  }
  const Given& given = wanted.given;
  if (!given.metadata) {
    out.name = current.name;
    out.description = current.description;
    out.tags = current.tags;
  }
  out.teams = by_name(current.teams, wanted.teams);
  if (wanted.servers && current.servers) {
    out.servers = by_name(*current.servers, *wanted.servers);
  }
  out.workflows = by_name(current.workflows, wanted.workflows);
  out.rules = given.rules ? wanted.rules : current.rules;
  out.tools = by_name(current.tools, wanted.tools);
  out.agents = by_name(current.agents, wanted.agents);
  out.keys = by_name(current.keys, wanted.keys);
  out.defaults = given.defaults ? wanted.defaults : current.defaults;
  out.tests = given.tests ? wanted.tests : current.tests;
  out.not_enforced = by_name(current.not_enforced, wanted.not_enforced);
  return out;
}

std::vector<std::string> kept(const Document& current, const Document& wanted) {
  std::vector<std::string> out;
  for (const Change& change :
       diff(merge(current, wanted, Prune::no), merge(current, wanted, Prune::yes))) {
    out.push_back(change.name.empty() ? change.section
                                      : fmt::format("{} {}", change.section, change.name));
  }
  return out;
}

}  // namespace preloop::policy
