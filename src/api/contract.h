#pragma once
#include "core/result.h"
#include "identity/permission.h"
#include "schema/schema.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::api {

/// Who may call an operation (`x-permission`).
enum class Access : std::uint8_t {
  anybody,       ///< `public`
  person,        ///< a console session or any operator key
  session,       ///< a console session only
  operator_key,  ///< an operator key only
  permission,    ///< who has `Operation::permission`
};

/// What a repeated request with the same Idempotency-Key gets.
enum class Repeat : std::uint8_t {
  none,    ///< the key is not looked at
  replay,  ///< the first answer again
  once,    ///< 409: the first answer held a secret, which is never kept
};

/// One operation of contracts/openapi.yaml, ready to serve.
struct Operation {
  std::string id;      ///< operationId
  std::string method;  ///< upper case
  std::string path;    ///< template below /api/v1, for instance "/tools/{id}"
  Access access = Access::permission;
  identity::Permission permission = identity::Permission::read;
  Repeat repeat = Repeat::none;
  bool if_match = false;
  bool takes_yaml = false;
  bool body_required = false;
  std::optional<schema::Schema> body;  ///< of a JSON body; none: takes no body
  std::vector<std::string> query;      ///< names of query parameters
};

/// The contract as data: the code has no second list of routes or rights.
struct Contract {
  std::vector<Operation> operations;
  std::string json;  ///< the document, for /api/v1/openapi.json

  /// `json`: the document; it is written in YAML and converted when building.
  /// internal when the document is not one we can serve; it is compiled in, so that is a bug.
  static core::Result<Contract> load(std::string json);
  /// The one compiled in.
  static core::Result<Contract> load();
};

}  // namespace preloop::api
