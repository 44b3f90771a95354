#include "cel/collected.h"
#include "cel/function.h"
#include "cel/literal.h"
#include "cel/regex.h"

#include <array>

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

/// Longest pattern that is compiled while evaluating; a literal one is compiled with the rule.
constexpr std::size_t k_max_dynamic_pattern = 256;
/// Steps of compiling one: up to half a millisecond, and heap memory.
constexpr std::size_t k_compile_cost = 10'000;

/// The body of a function whose pattern is not a literal.
template <PatternBody k_body>
Value with_computed_pattern(Frame& frame, Args args) {
  if (!args[1].is(Kind::string)) {
    return Value::of_overload_error(args[0].kind(), args[1].kind());
  }
  if (args[1].size() > k_max_dynamic_pattern) {
    return Value::of_error(ErrorCode::invalid_regex);
  }
  if (!frame.spend(k_compile_cost)) {
    return Value::null();
  }
  const auto regex = Regex::compile(args[1].as_text(), Regex::Origin::computed);
  return regex ? k_body(frame, **regex, args) : Value::of_error(ErrorCode::invalid_regex);
}

Value matches(Frame& frame, const Regex& regex, Args args) {
  if (!args[0].is(Kind::string)) {
    return Value::of_overload_error(args[0].kind(), args[1].kind());
  }
  return Value::of_bool(frame.spend(regex.search_cost(args[0].size())) &&
                        regex.search(args[0].as_text()));
}

/// The matches of a pattern in a text, from the left, without overlap.
class Matches {
 public:
  Matches(Frame& frame, const Regex& regex, std::string_view text)
      : frame_(frame),
        regex_(regex),
        text_(text),
        pieces_(std::span(storage_).first(std::min(regex.groups() + 1, Regex::k_max_pieces))) {}

  bool next() {
    // Looking may go to the end of the text, but mostly ends with the match.
    if (from_ > text_.size() || !frame_.spend(regex_.search_cost((text_.size() - from_) / 4)) ||
        !regex_.match(text_, from_, pieces_)) {
      return false;
    }
    const auto end = static_cast<std::size_t>(pieces_[0].end() - text_.begin());
    frame_.spend(regex_.search_cost(end - from_));
    from_ = end;
    if (pieces_[0].empty()) {
      from_ += end < text_.size() ? utf8_sequence_length(text_[end]) : 1;
    }
    return !frame_.broken();
  }
  std::span<const std::string_view> pieces() const { return pieces_; }
  /// The group when there is one, else the whole match; null data when the group took no part.
  std::string_view wanted() const { return pieces_[pieces_.size() > 1 ? 1 : 0]; }

 private:
  Frame& frame_;
  const Regex& regex_;
  std::string_view text_;
  std::size_t from_ = 0;
  std::array<std::string_view, Regex::k_max_pieces> storage_;
  std::span<std::string_view> pieces_;
};

/// What extract and extractAll ask of their arguments; an error value, or null.
Value check_extract(const Regex& regex, Args args) {
  if (!args[0].is(Kind::string)) {
    return Value::of_overload_error(args[0].kind(), args[1].kind());
  }
  return regex.groups() > 1 ? Value::of_error(ErrorCode::invalid_argument) : Value::null();
}

Value extract(Frame& frame, const Regex& regex, Args args) {
  if (const Value problem = check_extract(regex, args); problem.is_error()) {
    return problem;
  }
  Matches found(frame, regex, args[0].as_text());
  return found.next() && found.wanted().data() != nullptr
             ? frame.make_optional(Value::of_string(found.wanted()))
             : Value::of_optional(nullptr);
}

Value extract_all(Frame& frame, const Regex& regex, Args args) {
  if (const Value problem = check_extract(regex, args); problem.is_error()) {
    return problem;
  }
  Collected<Value> out(frame);
  for (Matches found(frame, regex, args[0].as_text()); found.next();) {
    if (found.wanted().data() != nullptr && !out.add(Value::of_string(found.wanted()))) {
      break;
    }
  }
  return Value::of_list(out.items());
}

/// Appends a replacement, in which \0 to \9 stand for the match and its groups and \\ for a
/// backslash. False when it holds another backslash or a group that does not exist.
bool append_replacement(std::string& out,
                        std::string_view with,
                        std::span<const std::string_view> pieces) {
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (with[i] != '\\') {
      out += with[i];
      continue;
    }
    const char next = ++i < with.size() ? with[i] : '\0';
    if (next == '\\') {
      out += next;
    } else if (next >= '0' && next <= '9' && static_cast<std::size_t>(next - '0') < pieces.size()) {
      out += pieces[static_cast<std::size_t>(next - '0')];
    } else {
      return false;
    }
  }
  return true;
}

Value replace(Frame& frame, const Regex& regex, Args args) {
  const bool has_limit = args.size() == 4;
  if (!args[0].is(Kind::string) || !args[2].is(Kind::string) ||
      (has_limit && !args[3].is(Kind::int_))) {
    return Value::of_overload_error(args[0].kind(), args[2].kind());
  }
  const std::string_view text = args[0].as_text();
  std::int64_t limit = has_limit ? args[3].as_int() : -1;
  std::string out;
  std::size_t copied = 0;
  const auto room = static_cast<std::size_t>(std::max<std::int64_t>(frame.bytes_left(), 0));
  // A replacement that cannot be used is an error also when nothing matches.
  const std::vector<std::string_view> shape(std::min(regex.groups() + 1, Regex::k_max_pieces));
  if (std::string scratch; !append_replacement(scratch, args[2].as_text(), shape)) {
    return Value::of_error(ErrorCode::invalid_argument);
  }
  for (Matches found(frame, regex, text); limit != 0 && out.size() <= room && found.next();
       limit -= limit > 0 ? 1 : 0) {
    const auto start = static_cast<std::size_t>(found.pieces()[0].begin() - text.begin());
    out += text.substr(copied, start - copied);
    append_replacement(out, args[2].as_text(), found.pieces());
    frame.spend_bytes_read(args[2].size());
    copied = start + found.pieces()[0].size();
  }
  out += text.substr(copied);
  return frame.make_string(out);
}

constexpr Function k_functions[] = {
    {"matches",
     CallStyle::either,
     2,
     2,
     with_computed_pattern<matches>,
     "(string, string) -> bool",
     "whether an RE2 pattern occurs anywhere in the string; anchor it with ^ and $",
     matches},
    {"regex.extract",
     CallStyle::global,
     2,
     2,
     with_computed_pattern<extract>,
     "(string, string) -> optional_type(string)",
     "the first match of a pattern, or its group when it has one",
     extract},
    {"regex.extractAll",
     CallStyle::global,
     2,
     2,
     with_computed_pattern<extract_all>,
     "(string, string) -> list(string)",
     "every match of a pattern, or its group when it has one",
     extract_all},
    {"regex.replace",
     CallStyle::global,
     3,
     4,
     with_computed_pattern<replace>,
     "(string, string, string) -> string; (string, string, string, int) -> string",
     "with matches replaced, at most so many; \\1 stands for the first group, \\0 for the match",
     replace},
};

}  // namespace

std::span<const Function> regex_functions() {
  return k_functions;
}

}  // namespace preloop::cel
