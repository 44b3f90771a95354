#pragma once
#include <string>

namespace preloop::net::testing {

/// A self-signed certificate for `name` and 127.0.0.1, in files that go when it goes.
class Certificate {
 public:
  explicit Certificate(const std::string& name);
  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  std::string certificate_file() const { return directory_ + "/cert.pem"; }
  std::string key_file() const { return directory_ + "/key.pem"; }
  /// Overwrites the files of `to`.
  static void copy(const Certificate& from, const Certificate& to);
  /// Makes the files unusable.
  void damage();

 private:
  std::string directory_;
};

}  // namespace preloop::net::testing
