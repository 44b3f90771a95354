#pragma once
#include "core/error.h"

#include <cstdint>
#include <string>

namespace preloop::store::postgres {

/// What the server answered to a command it refused: SQLSTATE (PostgreSQL manual, appendix A) and
/// the primary message, which names tables and constraints but holds no values of rows.
struct ServerError {
  std::string sqlstate;
  std::string message;
};

/// What can be done about a refused transaction.
enum class Remedy : std::uint8_t {
  none,       ///< running it again gives the same answer
  retry,      ///< lost against a concurrent transaction: the same again may work
  reconnect,  ///< this session is of no use any more
};

Remedy remedy_of(const ServerError& error);
/// The error a caller sees.
core::Error to_error(const ServerError& error);

}  // namespace preloop::store::postgres
