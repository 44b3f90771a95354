#pragma once
#include "core/result.h"
#include "store/database.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

struct pg_result;

namespace preloop::store::postgres {

/// PostgreSQL's number of a type (pg_type.oid); the built-in ones never change.
using Oid = unsigned int;

/// Parameters in the shape libpq takes. Texts and blobs are borrowed from the values, which must
/// outlive it; numbers are kept here.
class EncodedParameters {
 public:
  /// Fits each value to the type the server inferred for its placeholder; invalid_argument when it
  /// cannot (wrong count, number out of range, blob of the wrong length).
  static core::Result<EncodedParameters> encode(std::span<const Value> values,
                                                std::span<const Oid> types);

  EncodedParameters() = default;
  EncodedParameters(EncodedParameters&&) noexcept = default;
  EncodedParameters& operator=(EncodedParameters&&) noexcept = default;

  int count() const { return static_cast<int>(data_.size()); }
  const char* const* data() const { return data_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  /// A number in binary or as text with its NUL; as wide as any int64 needs.
  using Number = std::array<char, 24>;

  void add(const char* data, std::size_t length, int format);
  std::vector<Number> kept_;  // reserved before the first: what is in it does not move
  std::vector<const char*> data_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

/// 1 (binary) when every column is of a type that decode() reads in binary, else 0 (text).
int result_format(std::span<const Oid> columns);

/// int2, int4, int8, bool and oid become int64; text, varchar and name become texts; bytea and uuid
/// become blobs; every other type becomes its text form.
core::Result<Rows> decode(const pg_result* result);

}  // namespace preloop::store::postgres
