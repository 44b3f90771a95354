#include "notify/types.h"

#include <array>

namespace preloop::notify {
namespace {

// Each in the order of its enumerators.
constexpr std::array<std::string_view, k_kinds> k_kind_names{"webhook", "email", "ntfy"};
constexpr std::array<std::string_view, 4> k_events{
    "approval", "approval.created", "approval.decided", "webhook.test"};
constexpr std::array<std::string_view, 4> k_states{"waiting", "sent", "failed", "skipped"};

template <class E, std::size_t N>
std::optional<E> parse(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) {
      return static_cast<E>(i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Kind kind) {
  return k_kind_names[static_cast<std::size_t>(kind)];
}
std::optional<Kind> parse_kind(std::string_view text) {
  return parse<Kind>(k_kind_names, text);
}
bool is_personal(Kind kind) {
  return kind != Kind::webhook;
}

std::string_view to_string(Event event) {
  return k_events[static_cast<std::size_t>(event)];
}
std::optional<Event> parse_event(std::string_view text) {
  return parse<Event>(k_events, text);
}

std::string_view to_string(State state) {
  return k_states[static_cast<std::size_t>(state)];
}
std::optional<State> parse_state(std::string_view text) {
  return parse<State>(k_states, text);
}

}  // namespace preloop::notify
