#include "schema/pattern.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace preloop::schema {
namespace {

using core::Code;
using core::fail;
using core::Result;

/// ECMA-262 WhiteSpace and LineTerminator, and its complement, as contents of a class.
constexpr std::string_view k_space =
    R"(\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view k_not_space =
    R"(\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027})"
    R"(\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
/// `.` leaves out all four line terminators; RE2's only leaves out one.
constexpr std::string_view k_dot = R"([^\n\r\x{2028}\x{2029}])";
constexpr std::string_view k_nothing = R"([^\x{0}-\x{10ffff}])";
constexpr std::string_view k_anything = R"([\x{0}-\x{10ffff}])";

/// Unicode General_Category values by their long names and aliases (UAX #44), to the short ones.
constexpr std::array<std::pair<std::string_view, std::string_view>, 40> k_categories{{
    {"Letter", "L"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"cntrl", "Cc"},
    {"Format", "Cf"},
    {"Surrogate", "Cs"},
    {"Private_Use", "Co"},
}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::unexpected<core::Error> not_possible(std::string_view what) {
  return fail(Code::unimplemented, fmt::format("{} cannot be matched in linear time", what));
}
std::unexpected<core::Error> malformed(std::string_view what) {
  return fail(Code::invalid_argument, std::string(what));
}

/// What one escape or character stands for: a code point, or the contents of a class.
struct Atom {
  std::uint32_t point = 0;
  std::string set;  ///< not empty: a set
};

class Translator {
 public:
  explicit Translator(std::string_view text) : text_(text) {}

  Result<std::string> run() {
    while (!done()) {
      PRELOOP_CHECK(term());
    }
    return std::move(out_);
  }

 private:
  bool done() const { return at_ >= text_.size(); }
  std::string_view rest() const { return text_.substr(at_); }
  bool take(std::string_view token) {
    if (!rest().starts_with(token)) {
      return false;
    }
    at_ += token.size();
    return true;
  }

  core::Status term() {
    const char c = text_[at_];
    if (take("(")) {
      return group();
    }
    if (take("[")) {
      return char_class();
    }
    if (take(".")) {
      out_ += k_dot;
      return {};
    }
    if (c == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == 'b' || text_[at_ + 1] == 'B')) {
      out_ += rest().substr(0, 2);
      at_ += 2;
      return {};
    }
    if (c == '\\') {
      PRELOOP_TRY(const Atom atom, escape());
      if (atom.set.empty()) {
        append_point(atom.point);
      } else {
        out_.append("[").append(atom.set).append("]");
      }
      return {};
    }
    ++at_;
    // Annex B: a brace that starts no quantifier, and a lone closing bracket, stand for themselves.
    if ((c == '{' && !is_quantifier()) || c == '}' || c == ']') {
      out_ += '\\';
      out_ += c;
      return {};
    }
    if (c == '{') {
      const auto end = rest().find('}');
      out_.append("{").append(rest().substr(0, end + 1));
      at_ += end + 1;
      return {};
    }
    out_ += c;
    return {};
  }

  /// After "{": digits [ "," [ digits ] ] "}".
  bool is_quantifier() const {
    std::size_t i = at_;
    const auto digits = [&] {
      const std::size_t start = i;
      while (i < text_.size() && is_digit(text_[i])) {
        ++i;
      }
      return i > start;
    };
    if (!digits()) {
      return false;
    }
    if (i < text_.size() && text_[i] == ',') {
      ++i;
      digits();
    }
    return i < text_.size() && text_[i] == '}';
  }

  core::Status group() {
    if (!take("?")) {
      out_ += "(?:";  // nobody asks for captures
      return {};
    }
    if (take(":")) {
      out_ += "(?:";
      return {};
    }
    if (take("i)") || take("i:")) {  // not ECMA-262, but common and unambiguous
      out_.append("(?i").append(1, text_[at_ - 1]);
      return {};
    }
    if (rest().starts_with("=") || rest().starts_with("!") || rest().starts_with("<=") ||
        rest().starts_with("<!")) {
      return not_possible("look-around");
    }
    if (take("<")) {
      const auto end = rest().find('>');
      if (end == std::string_view::npos || end == 0) {
        return malformed("a group name does not end");
      }
      at_ += end + 1;
      out_ += "(?:";
      return {};
    }
    return malformed("unknown group syntax after \"(?\"");
  }

  core::Status char_class() {
    const bool negated = take("^");
    std::string body;
    while (!take("]")) {
      if (done()) {
        return malformed("a character class does not end");
      }
      PRELOOP_TRY(const Atom first, class_atom());
      if (!rest().starts_with("-") || rest().starts_with("-]") || rest().size() < 2) {
        body += contents(first);
        continue;
      }
      ++at_;
      PRELOOP_TRY(const Atom last, class_atom());
      if (!first.set.empty() || !last.set.empty()) {
        body.append(contents(first)).append("\\-").append(contents(last));
      } else if (first.point > last.point) {
        return malformed("a range in a character class is the wrong way round");
      } else {
        body.append(contents(first)).append("-").append(contents(last));
      }
    }
    if (body.empty()) {
      out_ += negated ? k_anything : k_nothing;
    } else {
      out_.append(negated ? "[^" : "[").append(body).append("]");
    }
    return {};
  }

  Result<Atom> class_atom() {
    if (text_[at_] == '\\') {
      if (take("\\b")) {
        return Atom{.point = 8};
      }
      return escape();
    }
    return Atom{.point = next_point()};
  }

  static std::string contents(const Atom& atom) {
    return atom.set.empty() ? spelled(atom.point) : atom.set;
  }
  static std::string spelled(std::uint32_t point) {
    const char c = point < 0x80 ? static_cast<char>(point) : '\0';
    return is_digit(c) || is_letter(c) ? std::string(1, c) : fmt::format("\\x{{{:x}}}", point);
  }
  void append_point(std::uint32_t point) { out_ += spelled(point); }

  /// The text is valid UTF-8, as every string of core::Json is.
  std::uint32_t next_point() {
    const auto first = static_cast<unsigned char>(text_[at_++]);
    if (first < 0x80) {
      return first;
    }
    const int extra = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    std::uint32_t point = first & (0x3FU >> extra);
    for (int i = 0; i < extra && !done(); ++i) {
      point = point << 6 | (static_cast<unsigned char>(text_[at_++]) & 0x3FU);
    }
    return point;
  }

  std::optional<std::uint32_t> hex(std::size_t digits) {
    const std::string_view text = rest().substr(0, digits);
    std::uint32_t value = 0;
    for (const char c : text) {
      const char low = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
      if (!is_digit(low) && !(low >= 'a' && low <= 'f')) {
        return std::nullopt;
      }
      value = value << 4 | static_cast<std::uint32_t>(is_digit(low) ? low - '0' : low - 'a' + 10);
    }
    if (text.size() != digits) {
      return std::nullopt;
    }
    at_ += digits;
    return value;
  }

  Result<Atom> escape() {
    ++at_;
    if (done()) {
      return malformed("it ends in a backslash");
    }
    const char c = text_[at_++];
    switch (c) {
      case 'd':
        return Atom{.set = "0-9"};
      case 'D':
        return Atom{.set = "\\D"};
      case 'w':
        return Atom{.set = "0-9A-Za-z_"};
      case 'W':
        return Atom{.set = "\\W"};
      case 's':
        return Atom{.set = std::string(k_space)};
      case 'S':
        return Atom{.set = std::string(k_not_space)};
      case 't':
        return Atom{.point = '\t'};
      case 'n':
        return Atom{.point = '\n'};
      case 'v':
        return Atom{.point = '\v'};
      case 'f':
        return Atom{.point = '\f'};
      case 'r':
        return Atom{.point = '\r'};
      case 'p':
      case 'P':
        return property(c);
      case 'u':
        return unicode_escape();
      case 'k':
        return not_possible("a back-reference");
      case 'x': {
        if (const auto value = hex(2)) {
          return Atom{.point = *value};
        }
        return malformed("\\x needs two hexadecimal digits");
      }
      case 'c':
        if (!done() && is_letter(text_[at_])) {
          return Atom{.point = static_cast<std::uint32_t>(text_[at_++]) % 32};
        }
        return malformed("\\c needs a letter");
      default:
        break;
    }
    if (c == '0' && (done() || !is_digit(text_[at_]))) {
      return Atom{.point = 0};
    }
    if (is_digit(c)) {
      return not_possible("a back-reference");
    }
    if (is_letter(c)) {
      return malformed(fmt::format("\\{} is not an ECMA-262 escape", c));
    }
    --at_;
    return Atom{.point = next_point()};
  }

  Result<Atom> unicode_escape() {
    if (take("{")) {
      const auto end = rest().find('}');
      if (end == std::string_view::npos || end == 0 || end > 6) {
        return malformed("\\u{…} needs one to six hexadecimal digits");
      }
      const auto value = hex(end);
      if (!value || *value > 0x10FFFF) {
        return malformed("\\u{…} is not a code point");
      }
      ++at_;
      return Atom{.point = *value};
    }
    const auto high = hex(4);
    if (!high) {
      return malformed("\\u needs four hexadecimal digits");
    }
    if (*high < 0xD800 || *high > 0xDFFF) {
      return Atom{.point = *high};
    }
    if (*high < 0xDC00 && take("\\u")) {
      if (const auto low = hex(4); low && *low >= 0xDC00 && *low <= 0xDFFF) {
        return Atom{.point = 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00)};
      }
    }
    return malformed("\\u names half a surrogate pair");
  }

  Result<Atom> property(char kind) {
    const auto end = rest().find('}');
    if (!take("{") || end == std::string_view::npos) {
      return malformed("\\p needs a property in braces");
    }
    std::string_view name = text_.substr(at_, end - 1);
    at_ += end;
    for (const std::string_view prefix :
         {"General_Category=", "gc=", "Script=", "sc=", "Script_Extensions=", "scx="}) {
      if (name.starts_with(prefix)) {
        name.remove_prefix(prefix.size());
        break;
      }
    }
    if (name == "ASCII") {
      return Atom{.set = kind == 'p' ? "\\x{0}-\\x{7f}" : "\\x{80}-\\x{10ffff}"};
    }
    if (name == "Any" && kind == 'p') {
      return Atom{.set = "\\x{0}-\\x{10ffff}"};
    }
    for (const auto& [spelling, category] : k_categories) {
      if (name == spelling) {
        name = category;
      }
    }
    for (const char c : name) {
      if (!is_letter(c) && c != '_') {
        return malformed("unknown Unicode property");
      }
    }
    return Atom{.set = fmt::format("\\{}{{{}}}", kind, name)};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

Result<std::string> translate_pattern(std::string_view ecma) {
  return Translator(ecma).run();
}

}  // namespace preloop::schema
