#include "core/json.h"
#include "core/json_arena.h"

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace preloop::core {
namespace {

namespace bj = boost::json;

/// Receives Boost.JSON's events and builds nodes. Values wait on `values_` (and members' keys on
/// `keys_`) until their container ends, as in Boost's own value_stack.
class Handler {
 public:
  static constexpr std::size_t max_object_size = -1;
  static constexpr std::size_t max_array_size = -1;
  static constexpr std::size_t max_key_size = -1;
  static constexpr std::size_t max_string_size = -1;

  Handler(JsonArena& arena, std::string_view source, std::size_t max_values)
      : arena_(arena), source_(source), max_values_(max_values) {}
  ~Handler() {
    release(values_);
    release(keys_);
    release(scratch_members_);
  }
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;

  const std::string& problem() const { return problem_; }
  JsonNode take_root() const { return values_.front(); }

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code&) { return true; }
  bool on_array_begin(bj::error_code&) { return true; }

  bool on_object_end(std::size_t count, bj::error_code& ec) {
    std::vector<JsonMember>& members = scratch_members_;
    members.clear();
    const std::size_t first_key = keys_.size() - count, first_value = values_.size() - count;
    for (std::size_t i = 0; i < count; ++i) {
      members.push_back({keys_[first_key + i], values_[first_value + i]});
    }
    if (has_duplicate_key(members)) {
      return refuse(ec, "duplicate key in an object");
    }
    keys_.resize(first_key);
    values_.resize(first_value);
    return push(arena_.object(members), ec);
  }

  bool on_array_end(std::size_t count, bj::error_code& ec) {
    const JsonNode node = arena_.array(std::span(values_).last(count));
    values_.resize(values_.size() - count);
    return push(node, ec);
  }

  bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) {
    partial_.append(part.data(), part.size());
    return true;
  }
  bool on_key(bj::string_view part, std::size_t, bj::error_code&) {
    keys_.push_back(finish_text(part));
    return true;
  }
  bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) {
    partial_.append(part.data(), part.size());
    return true;
  }
  bool on_string(bj::string_view part, std::size_t, bj::error_code& ec) {
    return push(JsonArena::string_view(finish_text(part)), ec);
  }

  bool on_number_part(bj::string_view part, bj::error_code&) {
    partial_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t value, bj::string_view, bj::error_code& ec) {
    partial_.clear();
    JsonNode node;
    node.kind = JsonKind::integer;
    node.integer = value;
    return push(node, ec);
  }
  bool on_uint64(std::uint64_t value, bj::string_view, bj::error_code& ec) {
    partial_.clear();
    JsonNode node;
    node.kind = JsonKind::unsigned_integer;
    node.unsigned_integer = value;
    return push(node, ec);
  }
  bool on_double(double, bj::string_view part, bj::error_code& ec) {
    // Boost.JSON 1.81 rounds some 17-digit numbers wrongly, so the token is read again; and it
    // turns integers beyond 64 bits into doubles, which would let two amounts share an approval.
    partial_.append(part.data(), part.size());
    const std::string token = std::exchange(partial_, {});
    if (token.find_first_of(".eE") == std::string::npos) {
      return refuse(ec, "integer beyond 64 bits");
    }
    JsonNode node;
    node.kind = JsonKind::number;
    const auto [end, error] =
        std::from_chars(token.data(), token.data() + token.size(), node.number);
    if (end != token.data() + token.size() || !std::isfinite(node.number) ||
        (error != std::errc() && !underflows(token, node))) {
      return refuse(ec, "number beyond the range of a double");
    }
    return push(node, ec);
  }

  bool on_bool(bool value, bj::error_code& ec) {
    JsonNode node;
    node.kind = JsonKind::boolean;
    node.boolean = value;
    return push(node, ec);
  }
  bool on_null(bj::error_code& ec) { return push(JsonNode(), ec); }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

 private:
  template <class T>
  static void release(std::vector<T>& stack) {
    constexpr std::size_t k_kept = 1024;
    stack.clear();
    if (stack.capacity() > k_kept) {
      stack.shrink_to_fit();
    }
  }

  bool push(const JsonNode& node, bj::error_code& ec) {
    if (++count_ > max_values_) {
      return refuse(ec, fmt::format("more than {} values", max_values_));
    }
    values_.push_back(node);
    return true;
  }

  bool refuse(bj::error_code& ec, std::string problem) {
    problem_ = std::move(problem);
    ec = bj::error::syntax;
    return false;
  }

  /// from_chars reports an underflow as out of range; tiny numbers are read as zero.
  static bool underflows(const std::string& token, JsonNode& node) {
    const auto exponent = token.find_first_of("eE");
    if (exponent != std::string::npos && token[exponent + 1] != '-') {
      return false;
    }
    node.number = token.front() == '-' ? -0.0 : 0.0;
    return true;
  }

  /// A string without escapes is a view into the source, which the document owns.
  std::string_view finish_text(bj::string_view part) {
    if (partial_.empty()) {
      const std::string_view text(part.data(), part.size());
      const bool inside =
          std::less_equal<>()(source_.data(), text.data()) &&
          std::less_equal<>()(text.data() + text.size(), source_.data() + source_.size());
      return inside ? text : arena_.text(text);
    }
    partial_.append(part.data(), part.size());
    const std::string_view text = arena_.text(partial_);
    partial_.clear();
    return text;
  }

  /// Sorting, not hashing: nothing an outsider sends makes it slow.
  bool has_duplicate_key(const std::vector<JsonMember>& members) {
    if (members.size() <= 16) {
      for (std::size_t i = 1; i < members.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          if (members[i].key == members[j].key) {
            return true;
          }
        }
      }
      return false;
    }
    std::vector<std::string_view> keys;
    keys.reserve(members.size());
    for (const JsonMember& member : members) {
      keys.push_back(member.key);
    }
    std::ranges::sort(keys);
    return std::ranges::adjacent_find(keys) != keys.end();
  }

  JsonArena& arena_;
  std::string_view source_;
  std::size_t max_values_;
  std::size_t count_ = 0;
  /// A thread's stacks serve one document after the other, so that small ones allocate nothing.
  struct Stacks {
    std::vector<JsonNode> values;
    std::vector<std::string_view> keys;
    std::vector<JsonMember> members;
  };
  static Stacks& stacks() {
    thread_local Stacks t_stacks;
    return t_stacks;
  }
  Stacks& stacks_ = stacks();
  std::vector<JsonNode>& values_ = stacks_.values;
  std::vector<std::string_view>& keys_ = stacks_.keys;
  std::vector<JsonMember>& scratch_members_ = stacks_.members;
  std::string partial_;
  std::string problem_;
};

}  // namespace

JsonDocument::JsonDocument() = default;
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

Result<JsonDocument> JsonDocument::parse(std::string text, JsonLimits limits) {
  JsonDocument document;
  document.impl_ = std::make_unique<Impl>();
  Impl& impl = *document.impl_;
  impl.text = std::move(text);
  if (impl.text.empty()) {
    return fail(Code::invalid_argument, "invalid JSON: empty");
  }
  bj::parse_options options;
  options.max_depth = limits.max_depth;
  bj::basic_parser<Handler> parser(options, impl.arena, impl.text, limits.max_values);
  bj::error_code ec;
  const std::size_t read = parser.write_some(false, impl.text.data(), impl.text.size(), ec);
  if (ec) {
    std::string problem = parser.handler().problem();
    if (problem.empty()) {
      problem = ec == bj::error::too_deep ? fmt::format("nested deeper than {}", limits.max_depth)
                                          : ec.message();
    }
    return fail(Code::invalid_argument, fmt::format("invalid JSON at byte {}: {}", read, problem));
  }
  if (read != impl.text.size()) {
    return fail(Code::invalid_argument,
                fmt::format("invalid JSON at byte {}: bytes after the document", read));
  }
  impl.root = parser.handler().take_root();
  return document;
}

Json JsonDocument::root() const {
  return impl_ ? Json(&impl_->root) : Json();
}

const std::string& JsonDocument::text() const {
  static const std::string k_empty;
  return impl_ ? impl_->text : k_empty;
}

}  // namespace preloop::core
