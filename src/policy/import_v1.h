#pragma once
#include "policy/document.h"
#include "policy/yaml_reader.h"

namespace preloop::policy {

// Documents of the reference product (`version: "1.0"`) become the same Document. Unlike our own
// they are not read strictly, since that product ignores what it does not know: unknown keys, and
// everything that will decide otherwise here, are remarks; blocks that this version does not
// enforce are kept in Document::not_enforced and remarked. Wrong types are errors all the same.

bool is_version_1(const core::YamlNode& root);
Document import_version_1(YamlReader& reader, const core::YamlNode& root);

}  // namespace preloop::policy
