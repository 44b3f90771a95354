#include "cli/policy_file.h"

#include "core/json_writer.h"

#include <fmt/format.h>

namespace preloop::cli {

std::string document_body(const std::string& yaml, bool prune) {
  std::string body;
  core::JsonWriter writer(body);
  writer.begin_object().field("document", yaml);
  if (prune) {
    writer.field("prune", true);
  }
  writer.end_object();
  return body;
}

std::string in_file(const std::string& path, std::string_view place) {
  const bool is_place = !place.empty() && place.front() >= '0' && place.front() <= '9';
  return is_place ? fmt::format("{}:{}", path, place) : std::string(place);
}

core::Error in_file(const std::string& path, core::Error error) {
  error.message = in_file(path, error.message);
  for (core::ErrorDetail& detail : error.details) {
    detail.path = in_file(path, detail.path);
  }
  return error;
}

}  // namespace preloop::cli
