// One libFuzzer program a target: PRELOOP_FUZZ_TARGET names it.
#include "targets.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  preloop::fuzz::PRELOOP_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
