#pragma once
#include <string_view>

namespace preloop::core {

/// A file compiled into the binary (cmake/module.cmake, preloop_embed). Static storage.
struct EmbeddedFile {
  std::string_view name;     ///< base name, for instance "0001_initial.sqlite.sql"
  std::string_view content;  ///< the bytes, exactly
};

}  // namespace preloop::core
