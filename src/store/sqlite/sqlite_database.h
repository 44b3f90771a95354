#pragma once
#include "core/result.h"
#include "store/database.h"

#include <cstddef>
#include <memory>
#include <string>

namespace preloop::store::sqlite {

struct Options {
  std::string data_dir;
  std::string holder = "preloop";  ///< who we are, in DATA_DIR/lock
  std::size_t read_threads = 3;
};

/// Takes DATA_DIR/lock, opens or creates DATA_DIR/preloop.db (0600) and brings its schema up to
/// date. Creates the data dir (0700) when its parent exists. Blocks: call it through core::Offload.
/// Errors: failed_precondition (another process has it, newer schema, not ours), unavailable,
/// data_loss.
core::Result<std::unique_ptr<Database>> open(const Options& options);

}  // namespace preloop::store::sqlite
