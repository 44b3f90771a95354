#include "cel/arena.h"

#include <algorithm>

namespace preloop::cel {

void* Arena::allocate_block(std::size_t bytes) {
  // The first is small: a policy keeps two arenas for each of its conditions.
  constexpr std::size_t k_first = 1024, k_largest = 8 * 1024;
  const std::size_t block =
      std::min(k_largest, k_first << std::min<std::size_t>(blocks_.size(), 3));
  const std::size_t size = std::max(block, bytes);
  // Not value-initialised: the caller writes before it reads.
  blocks_.emplace_back(new std::byte[size]);
  std::byte* const start = blocks_.back().get();
  if (bytes < size) {
    next_ = start + bytes;
    end_ = start + size;
  }
  return start;
}

}  // namespace preloop::cel
