#include "audit/quota.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>

namespace preloop::audit {
namespace {

constexpr std::uint64_t k_mib = 1ULL << 20;
constexpr std::uint64_t k_gib = 1ULL << 30;

TEST_CASE("levels by the quota") {
  const QuotaRules rules{.max_bytes = 1000};
  const auto at = [&](std::uint64_t used) {
    return level_of({used, 100 * k_gib, 200 * k_gib}, rules);
  };
  CHECK(at(0) == StorageLevel::ok);
  CHECK(at(799) == StorageLevel::ok);
  CHECK(at(800) == StorageLevel::warn);
  CHECK(at(949) == StorageLevel::warn);
  CHECK(at(950) == StorageLevel::critical);
  CHECK(at(999) == StorageLevel::critical);
  CHECK(at(1000) == StorageLevel::full);
  CHECK(at(UINT64_MAX) == StorageLevel::full);
}

TEST_CASE("levels by the disk, small ones too") {
  const auto at = [](std::uint64_t free, std::uint64_t disk) {
    return level_of({0, free, disk}, QuotaRules{});
  };
  CHECK(at(256 * k_mib, 100 * k_gib) == StorageLevel::ok);
  CHECK(at(255 * k_mib, 100 * k_gib) == StorageLevel::warn);
  CHECK(at(127 * k_mib, 100 * k_gib) == StorageLevel::critical);
  CHECK(at(63 * k_mib, 100 * k_gib) == StorageLevel::full);
  CHECK(at(20 * k_mib, 40 * k_mib) == StorageLevel::ok);
  CHECK(at(1 * k_mib, 40 * k_mib) == StorageLevel::full);
  CHECK(at(0, 0) == StorageLevel::ok);  // a file system that does not say
}

TEST_CASE("a level rises at once and falls with a margin") {
  const QuotaRules rules{.max_bytes = 1000};
  const auto use = [](std::uint64_t used) { return StorageUse{used, 100 * k_gib, 200 * k_gib}; };
  CHECK(next_level(StorageLevel::ok, use(1000), rules) == StorageLevel::full);
  CHECK(next_level(StorageLevel::full, use(999), rules) == StorageLevel::full);
  CHECK(next_level(StorageLevel::full, use(940), rules) == StorageLevel::critical);
  CHECK(next_level(StorageLevel::full, use(100), rules) == StorageLevel::ok);
  CHECK(next_level(StorageLevel::warn, use(799), rules) == StorageLevel::warn);
  CHECK(next_level(StorageLevel::warn, use(700), rules) == StorageLevel::ok);
}

TEST_CASE("a folder is measured") {
  char name[] = "/tmp/preloop-quota-XXXXXX";
  const std::string dir = ::mkdtemp(name);
  std::ofstream(dir + "/file") << std::string(5000, 'x');
  const auto use = measure_storage(dir);
  ::unlink((dir + "/file").c_str());
  ::rmdir(dir.c_str());
  REQUIRE(use);
  CHECK(use->used_bytes == 5000);
  CHECK(use->disk_bytes >= use->free_bytes);
  CHECK(measure_storage(dir).error().code == core::Code::unavailable);
}

}  // namespace
}  // namespace preloop::audit
