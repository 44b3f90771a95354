#include "cel/schema_type.h"

#include "cel/testing/conforms.h"
#include "core/json.h"
#include "schema/schema.h"
#include "targets.h"

#include <string>

namespace preloop::fuzz {

/// A schema on the first line, an instance on the second: what the schema accepts is of the type
/// the checker is told.
void schema_type(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  const auto schema = core::JsonDocument::parse(std::string(bytes.substr(0, end)));
  if (!schema) {
    return;
  }
  const cel::TypePtr type = cel::type_of_schema(schema->root());
  check(type != nullptr && !to_string(*type).empty(), "every document has a type");
  if (end == std::string_view::npos) {
    return;
  }
  const auto instance = core::JsonDocument::parse(std::string(bytes.substr(end + 1)));
  const auto compiled = schema::Schema::compile(schema->root());
  if (instance && compiled && compiled->validate(instance->root()).valid()) {
    check(cel::conforms(cel::Value::of_json(instance->root()), *type), "the type is sound");
  }
}

}  // namespace preloop::fuzz
