#include "net/http.h"

#include "core/text.h"

#include <algorithm>
#include <limits>

namespace preloop::net {
using core::iequals;

void Headers::set(std::string_view name, std::string_view value) {
  // Both may be views of a field that is about to go.
  Field field(name, value);
  remove(field.first);
  fields_.push_back(std::move(field));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [name](const Field& field) { return iequals(field.first, name); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.first.size() == name.size() && iequals(field.first, name)) {
      return field.second;
    }
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields_.begin(), fields_.end(), [name](const Field& field) {
        return iequals(field.first, name);
      }));
}

Response Response::text(int status, std::string body) {
  Response response{status, {}, std::move(body)};
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  return response;
}

Response Response::json(int status, std::string body) {
  Response response{status, {}, std::move(body)};
  response.headers.add("Content-Type", "application/json");
  return response;
}

std::size_t HttpHandler::max_body(std::string_view) const {
  return std::numeric_limits<std::size_t>::max();
}

}  // namespace preloop::net
