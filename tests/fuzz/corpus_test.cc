// The seeds as a unit test: as they are, cut, and with damage that is the same in every run.
#include "targets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace preloop::fuzz {
namespace {

std::vector<std::string> seeds(std::string_view target) {
  std::vector<std::filesystem::path> files;
  const auto folder = std::filesystem::path(PRELOOP_SOURCE_DIR "/tests/fuzz/corpus") / target;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);  // the directory's order is nobody's promise
  std::vector<std::string> out;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    out.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return out;
}

/// Replaces, removes, repeats or takes from another seed.
std::string damaged(std::string text,
                    const std::vector<std::string>& others,
                    std::mt19937& random) {
  const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
  for (std::size_t times = 1 + below(4); times > 0; --times) {
    const std::size_t at = below(text.size() + 1);
    switch (below(4)) {
      case 0:
        if (at < text.size()) {
          text[at] = static_cast<char>(below(256));
        }
        break;
      case 1:
        text.erase(at, below(16));
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), below(32)));
        break;
      default: {
        const std::string& other = others[below(others.size())];
        text.insert(at, other.substr(below(other.size()), below(64)));
      }
    }
  }
  return text;
}

}  // namespace

TEST_CASE("the fuzz targets hold on their seeds, and on damaged ones") {
  for (const Target& target : targets()) {
    CAPTURE(target.name);
    const std::vector<std::string> all = seeds(target.name);
    REQUIRE(all.size() >= 3);
    std::mt19937 random(42);
    target.run("");
    for (const std::string& seed : all) {
      target.run(seed);
      target.run(std::string_view(seed).substr(0, seed.size() / 2));
      for (int i = 0; i < 40; ++i) {
        target.run(damaged(seed, all, random));
      }
    }
  }
}

}  // namespace preloop::fuzz
