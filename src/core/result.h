#pragma once
#include "core/error.h"

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace preloop::core {

/// A value or an Error. A class rather than an alias, so that `[[nodiscard]]` works on every
/// function that returns one: a dropped error would fail open.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

/// Success, or an Error.
using Status = Result<void>;

inline std::unexpected<Error> fail(Code code,
                                   std::string message,
                                   std::vector<ErrorDetail> details = {}) {
  return std::unexpected<Error>(Error{code, std::move(message), std::move(details)});
}

}  // namespace preloop::core

#define PRELOOP_CONCAT_(a, b) a##b
#define PRELOOP_CONCAT(a, b) PRELOOP_CONCAT_(a, b)
#define PRELOOP_TRY_(tmp, decl, expr, ret)               \
  auto tmp = (expr);                                     \
  if (!tmp) ret std::unexpected(std::move(tmp).error()); \
  decl = std::move(*tmp)
#define PRELOOP_CHECK_(tmp, expr, ret)             \
  do {                                             \
    if (auto tmp = (expr); !tmp) {                 \
      ret std::unexpected(std::move(tmp).error()); \
    }                                              \
  } while (false)

/// `PRELOOP_TRY(auto row, find(id));` declares `row`, or returns the error. Plain functions.
#define PRELOOP_TRY(decl, expr) \
  PRELOOP_TRY_(PRELOOP_CONCAT(preloop_try_, __LINE__), decl, expr, return)
/// The same in a coroutine: `PRELOOP_CO_TRY(auto row, co_await repo.find(id));`.
#define PRELOOP_CO_TRY(decl, expr) \
  PRELOOP_TRY_(PRELOOP_CONCAT(preloop_try_, __LINE__), decl, expr, co_return)
/// Returns the error of a Status (or drops the value of a Result on purpose). Plain functions.
#define PRELOOP_CHECK(expr) PRELOOP_CHECK_(PRELOOP_CONCAT(preloop_try_, __LINE__), expr, return)
/// The same in a coroutine.
#define PRELOOP_CO_CHECK(expr) \
  PRELOOP_CHECK_(PRELOOP_CONCAT(preloop_try_, __LINE__), expr, co_return)
