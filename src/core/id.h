#pragma once
#include "core/clock.h"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::core {

/// A UUID (RFC 9562). Ordered by its bytes, so version 7 ids sort by creation time.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// Version 7: 48 bits of wall-clock milliseconds, then a counter within the thread and random
  /// bits; ids made by one thread are strictly increasing. Thread-safe.
  static Uuid v7(WallTime now);
  /// Accepts the 36-character form in either case; nullopt otherwise.
  static std::optional<Uuid> parse(std::string_view text);
  /// From 16 stored bytes; nullopt for any other length.
  static std::optional<Uuid> from_bytes(std::string_view raw);

  /// Lower-case 36-character form.
  std::string to_string() const { return std::string(std::string_view(text())); }
  /// The same without an allocation.
  struct Text {
    std::array<char, 36> chars;
    operator std::string_view() const { return {chars.data(), chars.size()}; }  // NOLINT
  };
  Text text() const;
  std::string_view as_bytes() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  bool is_nil() const { return *this == Uuid{}; }
  auto operator<=>(const Uuid&) const = default;
};

/// A Uuid that knows what it names, so that an agent's id cannot be passed for an approval's.
template <class Tag>
struct Id {
  Uuid uuid;

  static Id make(WallTime now) { return Id{Uuid::v7(now)}; }
  static std::optional<Id> parse(std::string_view text) {
    const auto parsed = Uuid::parse(text);
    return parsed ? std::optional<Id>(Id{*parsed}) : std::nullopt;
  }
  static std::optional<Id> from_bytes(std::string_view raw) {
    const auto read = Uuid::from_bytes(raw);
    return read ? std::optional<Id>(Id{*read}) : std::nullopt;
  }
  std::string to_string() const { return uuid.to_string(); }
  Uuid::Text text() const { return uuid.text(); }
  std::string_view as_bytes() const { return uuid.as_bytes(); }
  bool is_nil() const { return uuid.is_nil(); }
  auto operator<=>(const Id&) const = default;
};

using AccountId = Id<struct AccountTag>;
using PersonId = Id<struct PersonTag>;
using AgentId = Id<struct AgentTag>;
using KeyId = Id<struct KeyTag>;
using RuntimeSessionId = Id<struct RuntimeSessionTag>;
using LoginSessionId = Id<struct LoginSessionTag>;
using ServerId = Id<struct ServerTag>;
using ToolId = Id<struct ToolTag>;
using RuleId = Id<struct RuleTag>;
using WorkflowId = Id<struct WorkflowTag>;
using ApprovalId = Id<struct ApprovalTag>;
using CallId = Id<struct CallTag>;

}  // namespace preloop::core

template <>
struct std::hash<preloop::core::Uuid> {
  std::size_t operator()(const preloop::core::Uuid& id) const noexcept {
    return std::hash<std::string_view>{}(id.as_bytes());
  }
};
template <class Tag>
struct std::hash<preloop::core::Id<Tag>> {
  std::size_t operator()(const preloop::core::Id<Tag>& id) const noexcept {
    return std::hash<preloop::core::Uuid>{}(id.uuid);
  }
};
