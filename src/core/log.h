#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace preloop::core::log {

enum class Level : std::uint8_t { debug, info, warn, error, off };
enum class Format : std::uint8_t { text, json };

/// One named value of a log line. Values are copied and made printable (text.h), so a hostile value
/// can neither forge a line nor colour a terminal. Secrets have no conversion to it.
struct Field {
  template <class T>
    requires std::is_arithmetic_v<T>
  Field(std::string_view field_name, T number) : name(field_name), value(render(number)) {}
  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}

  std::string_view name;
  std::string value;

 private:
  template <class T>
  static std::string render(T number) {
    if constexpr (std::is_same_v<T, bool>) {
      return number ? "true" : "false";
    } else {
      return std::to_string(number);
    }
  }
};
using Fields = std::initializer_list<Field>;

/// Where lines go: standard error, through one process-wide sink, as with every logger. Before
/// `configure` warnings and errors are written as text.
void configure(Format format, Level least);
bool enabled(Level level);
void write(Level level, std::string_view message, Fields fields);

inline void debug(std::string_view message, Fields fields = {}) {
  if (enabled(Level::debug)) {
    write(Level::debug, message, fields);
  }
}
inline void info(std::string_view message, Fields fields = {}) {
  write(Level::info, message, fields);
}
inline void warn(std::string_view message, Fields fields = {}) {
  write(Level::warn, message, fields);
}
inline void error(std::string_view message, Fields fields = {}) {
  write(Level::error, message, fields);
}

}  // namespace preloop::core::log
