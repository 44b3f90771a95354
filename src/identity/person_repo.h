#pragma once
#include "core/result.h"
#include "core/task.h"
#include "identity/types.h"
#include "store/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace preloop::identity {

/// SQL of the table `person`.
class PersonRepo {
 public:
  static core::Task<core::Result<std::vector<Person>>> all(store::Database& database);
  /// The stored PHC string; nullopt when there is no such person or no password.
  static core::Task<core::Result<std::optional<std::string>>> password_hash(
      store::Database& database, core::AccountId account, core::PersonId id);
  static store::Statement insert(const Person& person,
                                 const std::optional<std::string>& password_hash);
  /// Everything but the password; one row when its revision is still `before`.
  static store::Statement update(const Person& person, std::int64_t before);
  static store::Statement set_password(core::AccountId account,
                                       core::PersonId id,
                                       const std::string& password_hash);
};

}  // namespace preloop::identity
