#pragma once
#include <string>

namespace preloop::store::testing {

/// A new empty folder (0700) under TMPDIR, removed with all that is in it. Ends the test when it
/// cannot be made.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace preloop::store::testing
