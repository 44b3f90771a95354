#pragma once
#include "cel/type.h"
#include "core/json.h"

namespace preloop::cel {

/// The type of what a JSON Schema (draft-07 or 2020-12) lets through; dyn where it cannot be told.
/// Sound: every instance the schema accepts is a value of the type, read by Value::of_json. It may
/// be wider than the schema, never narrower. Never fetches: only `$ref`s within the document are
/// followed. Bounded in depth and in the number of subschemas it looks at.
///
/// | schema | type |
/// | --- | --- |
/// | integer | int |
/// | number | number: int or double by what was sent |
/// | string, whatever its format | string |
/// | array | list of its `items` |
/// | object with properties | record; closed with `additionalProperties: false` |
/// | object without | map from string |
/// | enum, const | the type of its values, and which they are |
/// | type with "null", anyOf or oneOf with null | nullable |
TypePtr type_of_schema(core::Json schema);

/// The same for a tool's input schema, whose instances are objects also when it does not say so.
TypePtr type_of_arguments(core::Json input_schema);

}  // namespace preloop::cel
