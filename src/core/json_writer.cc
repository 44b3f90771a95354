#include "core/json_writer.h"

#include "core/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace preloop::core {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  static constexpr char k_hex[] = "0123456789abcdef";
  out += '"';
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') {
      continue;
    }
    out.append(text, from, i - from);
    from = i + 1;
    out += '\\';
    switch (c) {
      case '"':
      case '\\':
        out += static_cast<char>(c);
        break;
      case '\b':
        out += 'b';
        break;
      case '\f':
        out += 'f';
        break;
      case '\n':
        out += 'n';
        break;
      case '\r':
        out += 'r';
        break;
      case '\t':
        out += 't';
        break;
      default:
        out += "u00";
        out += k_hex[c >> 4];
        out += k_hex[c & 15];
    }
  }
  out.append(text, from);
  out += '"';
}

/// Printable ASCII that needs no escape, as nearly everything we write is.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
  });
}

/// Replaces malformed bytes, so that what we write always parses.
std::string repaired(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (length < 4 && i + length < text.size() && !is_valid_utf8(text.substr(i, length))) {
      ++length;
    }
    if (is_valid_utf8(text.substr(i, length))) {
      out += text.substr(i, length);
      i += length;
    } else {
      out += "\xEF\xBF\xBD";
      ++i;
    }
  }
  return out;
}

template <class T>
void append_chars(std::string& out, T value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, end);
}

/// Orders keys as UTF-16 code units do: like bytes, except that code points above U+FFFF
/// (surrogate pairs, D800-DFFF) come before U+E000-U+FFFF.
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [x, y] = std::ranges::mismatch(a, b);
  if (x == a.end() || y == b.end()) {
    return x == a.end() && y != b.end();
  }
  const auto left = static_cast<unsigned char>(*x), right = static_cast<unsigned char>(*y);
  const bool left_astral = left >= 0xF0, right_astral = right >= 0xF0;
  if (left_astral != right_astral && (left >= 0xEE || right >= 0xEE) &&
      (left_astral ? right >= 0xEE : left >= 0xEE)) {
    return left_astral;
  }
  return left < right;
}

void canonical(std::string& out, Json value) {
  JsonWriter writer(out);
  if (value.is_array()) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) {
        out += ',';
      }
      canonical(out, value.at(i));
    }
    out += ']';
  } else if (value.is_object()) {
    std::vector<const JsonMember*> members;
    members.reserve(value.size());
    for (const JsonMember& member : value.members()) {
      members.push_back(&member);
    }
    std::ranges::sort(members, utf16_less, &JsonMember::key);
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) {
        out += ',';
      }
      append_escaped(out, members[i]->key);
      out += ':';
      canonical(out, members[i]->value());
    }
    out += '}';
  } else {
    writer.value(value);
  }
}

/// Index of the quote that ends the string which begins at `at`. The text is known to be valid.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (std::size_t from = at + 1;; from = at + 1) {
    at = text.find('"', from);
    std::size_t backslashes = 0;
    while (at - backslashes > from && text[at - backslashes - 1] == '\\') {
      ++backslashes;
    }
    if (backslashes % 2 == 0) {
      return at;
    }
  }
}

/// Index just behind the JSON value that starts at `at`. The text is known to be valid.
std::size_t skip_value(std::string_view text, std::size_t at) {
  int depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      at = end_of_string(text, at);
      if (depth == 0) {
        return at + 1;
      }
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) {
        return at;  // the end of the enclosing container, after a bare number or word
      }
      if (--depth == 0) {
        return at + 1;
      }
    } else if (depth == 0 && (c == ',' || c == ' ' || c == '\n' || c == '\t' || c == '\r')) {
      return at;
    }
  }
  return at;
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r')) {
    ++at;
  }
  return at;
}

/// Does the string token (with its quotes) spell `key`? Escaped tokens are rare; they are parsed.
bool token_is(std::string_view token, std::string_view key) {
  if (token.find('\\') == std::string_view::npos) {
    return token.substr(1, token.size() - 2) == key;
  }
  const auto parsed = JsonDocument::parse(std::string(token));
  return parsed && parsed->root().as_string() == key;
}

}  // namespace

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  return *this;
}
JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  return *this;
}
void JsonWriter::separate() {
  if (out_.size() > start_) {
    const char last = out_.back();
    if (last != '{' && last != '[' && last != ':') {
      out_ += ',';
    }
  }
}
JsonWriter& JsonWriter::key(std::string_view name) {
  string(name);
  out_ += ':';
  return *this;
}
JsonWriter& JsonWriter::integer(std::int64_t value) {
  separate();
  append_chars(out_, value);
  return *this;
}
JsonWriter& JsonWriter::unsigned_integer(std::uint64_t value) {
  separate();
  append_chars(out_, value);
  return *this;
}
JsonWriter& JsonWriter::number(double value) {
  separate();
  write_number(out_, value);
  return *this;
}
JsonWriter& JsonWriter::string(std::string_view value) {
  separate();
  if (is_plain(value)) {
    out_ += '"';
    out_ += value;
    out_ += '"';
  } else if (is_valid_utf8(value)) {
    append_escaped(out_, value);
  } else {
    append_escaped(out_, repaired(value));
  }
  return *this;
}
JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::value(Json value) {
  if (!value.exists()) {
    return null();
  }
  switch (value.kind()) {
    case JsonKind::null:
      return null();
    case JsonKind::boolean:
      return boolean(value.node()->boolean);
    case JsonKind::integer:
      return integer(value.node()->integer);
    case JsonKind::unsigned_integer:
      return unsigned_integer(value.node()->unsigned_integer);
    case JsonKind::number:
      return number(value.node()->number);
    case JsonKind::string:
      return string(*value.as_string());
    case JsonKind::array:
      begin_array();
      for (const JsonNode& element : value.elements()) {
        this->value(Json(&element));
      }
      return end_array();
    case JsonKind::object:
      begin_object();
      for (const JsonMember& member : value.members()) {
        key(member.key);
        this->value(member.value());
      }
      return end_object();
  }
  return *this;
}

void write_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  if (value == 0) {
    out += '0';
    return;
  }
  if (value < 0) {
    out += '-';
    value = -value;
  }
  // Shortest digits and exponent, from "d.ddde±xx".
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const auto e = text.find('e');
  std::string digits(1, text[0]);
  if (e > 1) {
    digits += text.substr(2, e - 2);
  }
  int exponent = 0;
  const auto from = text[e + 1] == '+' ? e + 2 : e + 1;
  std::from_chars(text.data() + from, text.data() + text.size(), exponent);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // position of the decimal point within the digits
  if (count <= point && point <= 21) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out.append(digits, 0, static_cast<std::size_t>(point));
    out += '.';
    out.append(digits, static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else {
    out += digits[0];
    if (count > 1) {
      out += '.';
      out.append(digits, 1);
    }
    out += point > 0 ? "e+" : "e-";
    append_chars(out, std::abs(point - 1));
  }
}

std::string canonical_json(Json value) {
  std::string out;
  canonical(out, value);
  return out;
}

std::optional<std::string_view> raw_member(std::string_view object, std::string_view key) {
  std::size_t at = skip_space(object, 0);
  if (at >= object.size() || object[at] != '{') {
    return std::nullopt;
  }
  ++at;
  while (true) {
    at = skip_space(object, at);
    if (at >= object.size() || object[at] != '"') {
      return std::nullopt;
    }
    const std::size_t key_end = skip_value(object, at);
    const bool found = token_is(object.substr(at, key_end - at), key);
    at = skip_space(object, skip_space(object, key_end) + 1);  // over the colon
    const std::size_t end = skip_value(object, at);
    if (found) {
      return object.substr(at, end - at);
    }
    at = skip_space(object, end);
    if (at >= object.size() || object[at] != ',') {
      return std::nullopt;
    }
    ++at;
  }
}

std::vector<std::string_view> raw_elements(std::string_view array) {
  std::vector<std::string_view> out;
  std::size_t at = skip_space(array, 0);
  if (at >= array.size() || array[at] != '[') {
    return out;
  }
  at = skip_space(array, at + 1);
  while (at < array.size() && array[at] != ']') {
    const std::size_t end = skip_value(array, at);
    out.push_back(array.substr(at, end - at));
    at = skip_space(array, end);
    if (at < array.size() && array[at] == ',') {
      at = skip_space(array, at + 1);
    }
  }
  return out;
}

}  // namespace preloop::core
