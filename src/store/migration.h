#pragma once
#include "core/embedded_file.h"
#include "core/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::store {

enum class Dialect : std::uint8_t { sqlite, postgresql };

/// One step of the schema, from a file `migrations/NNNN_name.<dialect>.sql`. Forward only, applied
/// in one transaction together with its row in `schema_migration`.
struct Migration {
  std::int64_t number = 0;
  std::string name;  ///< "core" of 0001_core.sqlite.sql
  std::string sql;
  std::string checksum;  ///< SHA-256 of the file, hex
};

/// A row of `schema_migration`.
struct AppliedMigration {
  std::int64_t number = 0;
  std::string name;
  std::string checksum;
};

/// The dialect's migrations among `files`, by number. internal when a name does not follow the
/// pattern or a number comes twice.
core::Result<std::vector<Migration>> read_migrations(std::span<const core::EmbeddedFile> files,
                                                     Dialect dialect);

/// Those compiled into this binary.
core::Result<std::vector<Migration>> embedded_migrations(Dialect dialect);

/// What is to be applied, in order. Both lists are ordered by number. Refused, with
/// failed_precondition and a sentence that says what to do:
/// - the database has a number above every one that this binary knows (a newer binary wrote it);
/// - an applied one is unknown to this binary or has another checksum;
/// - one that this binary knows was left out though a later one is applied.
core::Result<std::vector<Migration>> plan_migrations(std::span<const AppliedMigration> applied,
                                                     std::span<const Migration> available);

}  // namespace preloop::store
