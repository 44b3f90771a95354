#include "store/migration.h"

#include "core/crypto.h"
#include "core/text.h"
#include "store/migration_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace preloop::store {
namespace {

constexpr std::string_view suffix(Dialect dialect) {
  return dialect == Dialect::sqlite ? ".sqlite.sql" : ".postgresql.sql";
}

/// "0001_core" → {1, "core"}.
std::optional<Migration> parse_stem(std::string_view stem) {
  constexpr std::size_t k_digits = 4;
  Migration read;
  const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), read.number);
  if (error != std::errc{} || end != stem.data() + k_digits || stem.size() < k_digits + 2 ||
      stem[k_digits] != '_' || read.number < 1) {
    return std::nullopt;
  }
  read.name = stem.substr(k_digits + 1);
  return read;
}

auto refuse(std::string message) {
  return core::fail(core::Code::failed_precondition, std::move(message));
}

}  // namespace

core::Result<std::vector<Migration>> read_migrations(std::span<const core::EmbeddedFile> files,
                                                     Dialect dialect) {
  std::vector<Migration> out;
  for (const core::EmbeddedFile& file : files) {
    if (!file.name.ends_with(suffix(dialect))) {
      continue;
    }
    auto read = parse_stem(file.name.substr(0, file.name.size() - suffix(dialect).size()));
    if (!read) {
      return core::fail(core::Code::internal, fmt::format("migration file '{}'", file.name));
    }
    read->sql = file.content;
    read->checksum = core::to_hex(core::as_bytes(core::sha256(file.content)));
    out.push_back(std::move(*read));
  }
  std::ranges::sort(out, {}, &Migration::number);
  const auto twice = std::ranges::adjacent_find(out, {}, &Migration::number);
  if (twice != out.end()) {
    return core::fail(core::Code::internal, fmt::format("two migrations {:04}", twice->number));
  }
  return out;
}

core::Result<std::vector<Migration>> embedded_migrations(Dialect dialect) {
  return read_migrations(migration_files(), dialect);
}

core::Result<std::vector<Migration>> plan_migrations(std::span<const AppliedMigration> applied,
                                                     std::span<const Migration> available) {
  const std::int64_t newest = available.empty() ? 0 : available.back().number;
  if (!applied.empty() && applied.back().number > newest) {
    return refuse(
        fmt::format("the database has schema {:04}, this preloop knows {:04}: it was "
                    "written by a newer version; start that version or restore a backup",
                    applied.back().number,
                    newest));
  }
  std::vector<Migration> out;
  std::size_t at = 0;
  for (const Migration& known : available) {
    if (at < applied.size() && applied[at].number < known.number) {
      break;
    }
    if (at == applied.size()) {
      out.push_back(known);
      continue;
    }
    if (applied[at].number > known.number) {
      return refuse(
          fmt::format("migration {:04}_{} is missing below {:04}, which is applied: the "
                      "database was written by another line of versions",
                      known.number,
                      known.name,
                      applied[at].number));
    }
    if (applied[at].checksum != known.checksum) {
      return refuse(
          fmt::format("migration {:04}_{} was applied with other contents than this "
                      "preloop has: start the version that wrote the database",
                      known.number,
                      known.name));
    }
    ++at;
  }
  if (at != applied.size()) {
    return refuse(
        fmt::format("the database has migration {:04}_{}, which this preloop does not "
                    "know: start the version that wrote it",
                    applied[at].number,
                    applied[at].name));
  }
  return out;
}

}  // namespace preloop::store
