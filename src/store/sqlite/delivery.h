#pragma once
#include "core/loop.h"
#include "core/result.h"

#include <functional>
#include <vector>

namespace preloop::store::sqlite {

/// A caller that waits for a result: resumed on its loop, or, when it runs on none of ours (`loop`
/// is null), called directly by `resume`, which then finds its own way.
struct Waiter {
  core::Loop* loop = nullptr;
  std::move_only_function<void(core::Status)> resume;
};

struct Delivery {
  Waiter waiter;
  core::Status outcome;
};

/// Hands each waiter its outcome with one post, and so at most one wake-up, per loop.
void deliver(std::vector<Delivery> deliveries);

}  // namespace preloop::store::sqlite
