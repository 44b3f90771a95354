#include "cel/arena.h"

#include <algorithm>

namespace preloop::cel {

void* Arena::allocate_block(std::size_t bytes) {
  constexpr std::size_t k_block = 8 * 1024;
  const std::size_t size = std::max(k_block, bytes);
  // Not value-initialised: the caller writes before it reads.
  blocks_.emplace_back(new std::byte[size]);
  std::byte* const start = blocks_.back().get();
  if (size == k_block || bytes < size) {
    next_ = start + bytes;
    end_ = start + size;
  }
  return start;
}

}  // namespace preloop::cel
