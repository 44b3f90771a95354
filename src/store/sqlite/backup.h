#pragma once
#include "core/result.h"

#include <functional>
#include <string>

namespace preloop::store::sqlite {

/// Copies the database as it is now into the new file `target` (mode 0600, one file, no WAL), which
/// is gone again when it fails: already_exists, resource_exhausted, or `cancelled` once `cancelled`
/// says so. Blocks; the WAL cannot begin anew meanwhile.
core::Status back_up(const std::string& path,
                     const std::string& target,
                     const std::function<bool()>& cancelled);

}  // namespace preloop::store::sqlite
