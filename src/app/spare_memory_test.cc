#include "app/spare_memory.h"

#include <doctest/doctest.h>

namespace preloop::app {
namespace {
using std::chrono::milliseconds;
constexpr std::size_t k_mib = std::size_t{1} << 20;

TEST_CASE("memory is given back once, when a burst is over") {
  SpareMemory memory;
  CHECK_FALSE(memory.is_due({milliseconds(1000), milliseconds(900), 1 * k_mib}));
  // Busy: however much is free, the next call wants it.
  CHECK_FALSE(memory.is_due({milliseconds(1250), milliseconds(1100), 20 * k_mib}));
  CHECK(memory.is_due({milliseconds(1500), milliseconds(1101), 20 * k_mib}));
  CHECK_FALSE(memory.is_due({milliseconds(1750), milliseconds(1102), 20 * k_mib}));
  CHECK_FALSE(memory.is_due({milliseconds(2000), milliseconds(1103), 23 * k_mib}));
}

TEST_CASE("what was taken again and is free again is given back again") {
  SpareMemory memory;
  CHECK(memory.is_due({milliseconds(250), milliseconds(1), 20 * k_mib}));
  CHECK_FALSE(memory.is_due({milliseconds(500), milliseconds(200), 2 * k_mib}));
  CHECK(memory.is_due({milliseconds(750), milliseconds(201), 20 * k_mib}));
}

}  // namespace
}  // namespace preloop::app
