#include "api/yaml_json.h"

#include "core/yaml.h"

#include <vector>

namespace preloop::api {

core::Result<std::string> yaml_to_json(std::string_view yaml) {
  PRELOOP_TRY(const std::vector<core::YamlNode> documents, core::parse_yaml(yaml));
  if (documents.size() != 1) {
    return core::fail(core::Code::invalid_argument, "one document is expected");
  }
  return core::to_json(documents.front());
}

}  // namespace preloop::api
