#include "api/request_body.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using Read = std::variant<Input, net::Response>;

/// Larger bodies are parsed and validated off the loop (decision 41).
constexpr std::size_t k_offload_above = 128 * 1024;

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const auto byte = core::from_hex(text.substr(i + 1, 2));
      if (!byte || byte->size() != 1) {
        return fail(Code::invalid_argument, "bad percent-encoding in the query");
      }
      out += *byte;
      i += 2;
    }
  }
  if (!core::is_valid_utf8(out)) {
    return fail(Code::invalid_argument, "the query is not UTF-8");
  }
  return out;
}

/// "application/json" of "application/json; charset=utf-8", lower case.
std::string media_type(const net::Request& request) {
  const auto type = request.headers.get("Content-Type").value_or("");
  return core::ascii_lower(core::trim(type.substr(0, type.find(';'))));
}

Result<core::JsonDocument> parse_body(const schema::Schema& schema, std::string body) {
  PRELOOP_TRY(core::JsonDocument document, core::JsonDocument::parse(std::move(body)));
  PRELOOP_CHECK(schema::to_status(schema.validate(document.root()), "the body"));
  return document;
}

core::JsonDocument empty_object() {
  auto document = core::JsonDocument::parse("{}");
  return std::move(*document);
}

/// `"3"` or `*`; `missing` when it is not there.
struct Match {
  bool missing = false;
  std::optional<std::int64_t> revision;
};
Result<Match> read_if_match(const net::Request& request) {
  const auto given = request.headers.get("If-Match");
  if (!given) {
    return Match{.missing = true, .revision = {}};
  }
  if (*given == "*") {
    return Match{};
  }
  std::int64_t revision = 0;
  if (given->size() > 2 && given->front() == '"' && given->back() == '"') {
    const std::string_view digits = given->substr(1, given->size() - 2);
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), revision);
    if (problem == std::errc() && end == digits.data() + digits.size()) {
      return Match{.missing = false, .revision = revision};
    }
  }
  // Of a revision we never gave: it cannot match.
  return Match{.missing = false, .revision = -1};
}

}  // namespace

Result<std::vector<std::pair<std::string, std::string>>> parse_query(
    std::string_view query, const std::vector<std::string>& known) {
  std::vector<std::pair<std::string, std::string>> out;
  if (query.empty()) {
    return out;
  }
  for (const std::string_view part : core::split(query, '&')) {
    if (part.empty()) {
      continue;
    }
    const auto equals = part.find('=');
    PRELOOP_TRY(std::string name, percent_decode(part.substr(0, equals)));
    PRELOOP_TRY(std::string value,
                percent_decode(equals == std::string_view::npos ? "" : part.substr(equals + 1)));
    if (std::ranges::find(known, name) == known.end()) {
      return fail(Code::invalid_argument,
                  fmt::format("there is no parameter '{}' here", core::printable(name, 64)),
                  {{core::printable(name, 64), "unknown"}});
    }
    if (std::ranges::any_of(out, [&](const auto& entry) { return entry.first == name; })) {
      return fail(Code::invalid_argument,
                  fmt::format("the parameter '{}' is there twice", name),
                  {{name, "repeated"}});
    }
    out.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

Task<Read> read_input(const Operation& operation,
                      const net::Request& request,
                      core::Offload& offload) {
  Input input;
  input.document = empty_object();
  auto query = parse_query(request.query, operation.query);
  if (!query) {
    co_return net::problem(query.error());
  }
  input.query = std::move(*query);
  if (operation.if_match) {
    const auto match = read_if_match(request);
    if (!match) {
      co_return net::problem(match.error());
    }
    if (match->missing) {
      co_return net::problem(
          428, "Precondition Required", "send If-Match with the ETag of what you change");
    }
    input.revision = match->revision;
  }
  if (request.body.empty()) {
    if (operation.body_required) {
      co_return net::problem(
          core::Error{Code::invalid_argument, "this needs a body", {{"", "missing"}}});
    }
    co_return input;
  }
  if (!operation.body) {
    if (core::trim(request.body) == "{}") {
      co_return input;
    }
    co_return net::problem(core::Error{Code::invalid_argument, "this takes no body", {}});
  }
  const std::string type = media_type(request);
  if (operation.takes_yaml &&
      (type == "application/yaml" || type == "application/x-yaml" || type == "text/yaml")) {
    input.yaml = request.body;
    co_return input;
  }
  if (type != "application/json") {
    co_return net::problem(415, "Unsupported Media Type", "send Content-Type: application/json");
  }
  const schema::Schema& schema = *operation.body;
  auto document = request.body.size() > k_offload_above
                      ? co_await offload.run([schema, body = request.body]() mutable {
                          return parse_body(schema, std::move(body));
                        })
                      : parse_body(schema, request.body);
  if (!document) {
    co_return net::problem(document.error());
  }
  input.document = std::move(*document);
  co_return input;
}

}  // namespace preloop::api
