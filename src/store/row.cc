#include "store/database.h"

#include <fmt/format.h>

namespace preloop::store {

const Value* RowReader::next() {
  const std::size_t at = at_++;
  return at < row_.size() ? &row_[at] : nullptr;
}

void RowReader::mark_bad(std::string_view wanted) {
  if (problem_.empty()) {
    problem_ = fmt::format("column {} of {} is not a valid {}", at_, row_.size(), wanted);
  }
}

namespace {
/// The cell as a T; null when it is SQL NULL; `bad` when it is missing or something else.
template <class T>
const T* cell_as(const Value* cell, bool& bad) {
  const T* read = cell != nullptr ? std::get_if<T>(cell) : nullptr;
  bad = read == nullptr && (cell == nullptr || !std::holds_alternative<std::monostate>(*cell));
  return read;
}
}  // namespace

std::optional<std::int64_t> RowReader::optional_integer() {
  bool bad = false;
  const auto* read = cell_as<std::int64_t>(next(), bad);
  if (bad) {
    mark_bad("integer");
  }
  return read != nullptr ? std::optional(*read) : std::nullopt;
}

std::optional<std::string> RowReader::optional_text() {
  bool bad = false;
  const auto* read = cell_as<std::string>(next(), bad);
  if (bad) {
    mark_bad("text");
  }
  return read != nullptr ? std::optional(*read) : std::nullopt;
}

std::optional<std::string> RowReader::optional_blob() {
  bool bad = false;
  const auto* read = cell_as<Blob>(next(), bad);
  if (bad) {
    mark_bad("blob");
  }
  return read != nullptr ? std::optional(read->bytes) : std::nullopt;
}

std::optional<core::WallTime> RowReader::optional_time() {
  const auto micros = optional_integer();
  return micros ? std::optional(core::from_micros(*micros)) : std::nullopt;
}

std::int64_t RowReader::integer() {
  const auto read = optional_integer();
  if (!read) {
    mark_bad("integer");
  }
  return read.value_or(0);
}

std::string RowReader::text() {
  auto read = optional_text();
  if (!read) {
    mark_bad("text");
  }
  return std::move(read).value_or(std::string());
}

std::string RowReader::blob() {
  auto read = optional_blob();
  if (!read) {
    mark_bad("blob");
  }
  return std::move(read).value_or(std::string());
}

core::Status RowReader::status() const {
  if (!problem_.empty()) {
    return core::fail(core::Code::data_loss, "a stored row does not fit: " + problem_);
  }
  return {};
}

}  // namespace preloop::store
