#include "mcp/rpc_codec.h"

namespace preloop::mcp {

int rpc_error_code(core::Code code) {
  switch (code) {
    case core::Code::invalid_argument:
    case core::Code::not_found:
      return k_invalid_params;
    case core::Code::unimplemented:
      return k_method_not_found;
    default:
      return k_internal_error;
  }
}

}  // namespace preloop::mcp
