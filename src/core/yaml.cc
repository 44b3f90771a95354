#include "core/yaml.h"

#include "core/json_writer.h"
#include "core/text.h"

#include <fmt/format.h>
#include <libfyaml.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace preloop::core {
namespace {

void write_json(JsonWriter& out, const YamlNode& node) {
  using Kind = YamlNode::Kind;
  if (node.kind == Kind::mapping) {
    out.begin_object();
    for (const auto& [key, value] : node.members) {
      out.key(key.text);
      write_json(out, value);
    }
    out.end_object();
  } else if (node.kind == Kind::sequence) {
    out.begin_array();
    for (const YamlNode& element : node.elements) {
      write_json(out, element);
    }
    out.end_array();
  } else if (node.is_null()) {
    out.null();
  } else if (const auto flag = node.as_bool()) {
    out.boolean(*flag);
  } else if (const auto whole = node.as_int()) {
    out.integer(*whole);
  } else if (const auto number = node.as_number()) {
    out.number(*number);
  } else {
    out.string(node.text);
  }
}

constexpr std::size_t k_max_bytes = 1024 * 1024;
constexpr int k_max_depth = 32;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using DiagPtr = std::unique_ptr<fy_diag, Freer<fy_diag_destroy>>;
using ParserPtr = std::unique_ptr<fy_parser, Freer<fy_parser_destroy>>;

Error problem_at(std::string_view file, int line, int column, std::string message) {
  YamlNode node;
  node.line = line;
  node.column = column;
  const std::string place = node.place(file);
  return Error{Code::invalid_argument, place + ": " + message, {{place, message}}};
}

class Converter {
 public:
  explicit Converter(std::string_view file) : file_(file) {}

  /// `at` is where the parent stands, for nodes that carry no token of their own.
  Result<YamlNode> convert(fy_node* node, const YamlNode& at, int depth) {
    YamlNode out;
    out.line = at.line;
    out.column = at.column;
    if (depth > k_max_depth) {
      return refuse(out, "nested too deeply");
    }
    if (node == nullptr) {
      out.plain = true;
      return out;
    }
    if (fy_node_is_alias(node) || fy_node_get_anchor(node) != nullptr) {
      return refuse(out, "anchors and aliases are not supported; write the value out");
    }
    std::size_t tag_size = 0;
    if (fy_node_get_tag(node, &tag_size) != nullptr && tag_size > 0) {
      return refuse(out, "tags are not supported");
    }
    switch (fy_node_get_type(node)) {
      case FYNT_SCALAR:
        return scalar(node, std::move(out));
      case FYNT_SEQUENCE:
        return sequence(node, std::move(out), depth);
      case FYNT_MAPPING:
        return mapping(node, std::move(out), depth);
    }
    return refuse(out, "unexpected node");
  }

 private:
  std::unexpected<Error> refuse(const YamlNode& at, std::string message) {
    return std::unexpected(problem_at(file_, at.line, at.column, std::move(message)));
  }

  Result<YamlNode> scalar(fy_node* node, YamlNode out) {
    std::size_t size = 0;
    const char* const text = fy_node_get_scalar(node, &size);
    out.text.assign(text == nullptr ? "" : text, text == nullptr ? 0 : size);
    out.plain = fy_node_get_style(node) == FYNS_PLAIN;
    if (fy_token* const token = fy_node_get_scalar_token(node); token != nullptr) {
      if (const fy_mark* const mark = fy_token_start_mark(token); mark != nullptr) {
        out.line = mark->line + 1;
        // The mark of a quoted scalar is behind its quote.
        const fy_node_style style = fy_node_get_style(node);
        const bool quoted = style == FYNS_SINGLE_QUOTED || style == FYNS_DOUBLE_QUOTED;
        out.column = mark->column + (quoted ? 0 : 1);
      }
    }
    return out;
  }

  Result<YamlNode> sequence(fy_node* node, YamlNode out, int depth) {
    out.kind = YamlNode::Kind::sequence;
    void* state = nullptr;
    while (fy_node* const item = fy_node_sequence_iterate(node, &state)) {
      PRELOOP_TRY(YamlNode element, convert(item, out, depth + 1));
      if (out.elements.empty()) {
        out.line = element.line;
        out.column = element.column;
      }
      out.elements.push_back(std::move(element));
    }
    return out;
  }

  Result<YamlNode> mapping(fy_node* node, YamlNode out, int depth) {
    out.kind = YamlNode::Kind::mapping;
    void* state = nullptr;
    while (fy_node_pair* const pair = fy_node_mapping_iterate(node, &state)) {
      PRELOOP_TRY(YamlNode key, convert(fy_node_pair_key(pair), out, depth + 1));
      if (key.kind != YamlNode::Kind::scalar) {
        return refuse(key, "a key must be plain text");
      }
      if (out.find(key.text) != nullptr) {
        return refuse(key, fmt::format("the key '{}' is repeated", printable(key.text, 64)));
      }
      PRELOOP_TRY(YamlNode value, convert(fy_node_pair_value(pair), key, depth + 1));
      if (out.members.empty()) {
        out.line = key.line;
        out.column = key.column;
      }
      out.members.push_back({std::move(key), std::move(value)});
    }
    return out;
  }

  std::string_view file_;
};

Error first_error(fy_diag* diag, std::string_view file) {
  void* state = nullptr;
  if (fy_diag_error* const error = fy_diag_errors_iterate(diag, &state)) {
    return problem_at(file, error->line, error->column, printable(trim(error->msg)));
  }
  return problem_at(file, 1, 1, "not valid YAML");
}

}  // namespace

bool YamlNode::is_null() const {
  return kind == Kind::scalar && plain &&
         (text.empty() || text == "null" || text == "~" || text == "Null" || text == "NULL");
}
std::optional<bool> YamlNode::as_bool() const {
  if (kind != Kind::scalar || !plain || (text != "true" && text != "false")) {
    return std::nullopt;
  }
  return text == "true";
}
std::optional<std::int64_t> YamlNode::as_int() const {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  if (kind != Kind::scalar || !plain ||
      std::from_chars(text.data(), end, value) != std::from_chars_result{end, std::errc()}) {
    return std::nullopt;
  }
  return value;
}
std::optional<double> YamlNode::as_number() const {
  double value = 0;
  const char* const end = text.data() + text.size();
  if (kind != Kind::scalar || !plain || text.empty() ||
      text.find_first_not_of("0123456789+-.eE") != std::string::npos ||
      std::from_chars(text.data(), end, value) != std::from_chars_result{end, std::errc()}) {
    return std::nullopt;
  }
  return value;
}
const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name.text == key) {
      return &value;
    }
  }
  return nullptr;
}
std::string YamlNode::place(std::string_view file) const {
  return file.empty() ? fmt::format("{}:{}", line, column)
                      : fmt::format("{}:{}:{}", file, line, column);
}

Result<std::vector<YamlNode>> parse_yaml(std::string_view text, std::string_view file) {
  if (text.size() > k_max_bytes) {
    return std::unexpected(problem_at(file, 1, 1, "longer than 1 MiB"));
  }
  if (!is_valid_utf8(text)) {
    return std::unexpected(problem_at(file, 1, 1, "not valid UTF-8"));
  }
  fy_diag_cfg diag_config;
  fy_diag_cfg_default(&diag_config);
  diag_config.fp = nullptr;
  diag_config.output_fn = [](fy_diag*, void*, const char*, size_t) {};
  const DiagPtr diag(fy_diag_create(&diag_config));
  fy_diag_set_collect_errors(diag.get(), true);
  const fy_parse_cfg config{.search_path = "",
                            .flags = static_cast<fy_parse_cfg_flags>(FYPCF_COLLECT_DIAG),
                            .userdata = nullptr,
                            .diag = diag.get()};
  const ParserPtr parser(fy_parser_create(&config));
  if (!parser || fy_parser_set_string(parser.get(), text.data(), text.size()) != 0) {
    return fail(Code::internal, "the YAML parser could not start");
  }
  std::vector<YamlNode> documents;
  while (fy_document* const document = fy_parse_load_document(parser.get())) {
    const std::unique_ptr<fy_document, Freer<fy_document_destroy>> owner(document);
    if (fy_diag_got_error(diag.get())) {
      return std::unexpected(first_error(diag.get(), file));
    }
    PRELOOP_TRY(YamlNode root, Converter(file).convert(fy_document_root(document), {}, 0));
    documents.push_back(std::move(root));
  }
  if (fy_parser_get_stream_error(parser.get()) || fy_diag_got_error(diag.get())) {
    return std::unexpected(first_error(diag.get(), file));
  }
  return documents;
}

std::string yaml_scalar(std::string_view text) {
  static constexpr std::string_view k_safe_first =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/";
  static constexpr std::string_view k_words[] = {
      "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"};
  const bool plain =
      !text.empty() && k_safe_first.find(text.front()) != std::string_view::npos &&
      text.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-@") ==
          std::string_view::npos &&
      std::ranges::none_of(k_words, [&](std::string_view word) { return iequals(word, text); });
  if (plain) {
    return std::string(text);
  }
  std::string out;
  JsonWriter(out).string(text);  // a JSON string is a YAML double-quoted scalar
  return out;
}

std::string_view nearest_name(std::string_view name,
                              const std::vector<std::string_view>& candidates) {
  std::string_view best;
  std::size_t best_distance = name.size() / 3 + 2;  // further away is no help
  for (const std::string_view candidate : candidates) {
    std::vector<std::size_t> row(candidate.size() + 1);
    for (std::size_t j = 0; j <= candidate.size(); ++j) {
      row[j] = j;
    }
    for (std::size_t i = 1; i <= name.size(); ++i) {
      std::size_t diagonal = std::exchange(row[0], i);
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        const std::size_t change = diagonal + (name[i - 1] == candidate[j - 1] ? 0 : 1);
        diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

std::string to_json(const YamlNode& node) {
  std::string out;
  JsonWriter writer(out);
  write_json(writer, node);
  return out;
}

}  // namespace preloop::core
