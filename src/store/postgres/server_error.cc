#include "store/postgres/server_error.h"

#include "core/text.h"

#include <string_view>

namespace preloop::store::postgres {
namespace {

core::Code code_of(std::string_view state) {
  using core::Code;
  if (state == "23505") {  // unique_violation
    return Code::already_exists;
  }
  if (state == "40001" || state == "40P01" || state == "55P03") {
    return Code::aborted;  // serialization_failure, deadlock_detected, lock_not_available
  }
  if (state == "57014") {  // query_canceled: statement_timeout
    return Code::deadline_exceeded;
  }
  if (state == "53300" || state == "25006" || state == "26000" || state == "0A000") {
    return Code::unavailable;  // too_many_connections, a standby, a plan the schema outgrew
  }
  const std::string_view family = state.substr(0, 2);
  if (family == "23") {
    return Code::failed_precondition;
  }
  if (family == "22") {
    return Code::invalid_argument;
  }
  if (family == "53") {
    return Code::resource_exhausted;
  }
  if (family == "57" || family == "08" || family == "58") {
    return Code::unavailable;
  }
  return family == "XX" && state != "XX000" ? Code::data_loss : Code::internal;
}

}  // namespace

Remedy remedy_of(const ServerError& error) {
  if (error.sqlstate == "40001" || error.sqlstate == "40P01") {
    return Remedy::retry;
  }
  const std::string_view family = std::string_view(error.sqlstate).substr(0, 2);
  // A prepared statement that is gone, or whose tables changed under it; a server that became a
  // standby: only a new session helps.
  if (family == "08" || error.sqlstate == "57P01" || error.sqlstate == "57P02" ||
      error.sqlstate == "57P03" || error.sqlstate == "26000" || error.sqlstate == "0A000" ||
      error.sqlstate == "25006") {
    return Remedy::reconnect;
  }
  return Remedy::none;
}

core::Error to_error(const ServerError& error) {
  return core::Error{code_of(error.sqlstate),
                     "PostgreSQL: " + core::printable(error.message, 300) + " (SQLSTATE " +
                         core::printable(error.sqlstate, 8) + ")",
                     {}};
}

}  // namespace preloop::store::postgres
