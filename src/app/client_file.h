#pragma once
#include "core/result.h"
#include "core/secret.h"

#include <map>
#include <optional>
#include <string>

namespace preloop::app {

/// `~/.preloop/config.yaml` (0600): which server the CLI talks to and with what. Written by the
/// server's first start and by `preloop login`.
struct ClientFile {
  std::string url;
  core::Secret token;                          ///< operator key from `preloop login`
  core::Secret agent_token;                    ///< agent key for `preloop tools`
  std::map<std::string, core::Secret> agents;  ///< keys by the agent's name, for --agent
};

/// "HOME/.preloop/config.yaml".
std::string client_file_path(const std::string& home);
/// nullopt when there is none; failed_precondition when others may read it.
core::Result<std::optional<ClientFile>> read_client_file(const std::string& path);
std::string write_client_text(const ClientFile& file);
/// Replaces it at once (temporary file and rename), mode 0600, folder 0700.
core::Status write_client_file(const std::string& path, const ClientFile& file);

/// A client file opened while we may still write there (the invoking user's home), to be filled
/// after privileges were dropped. Closed by the destructor; an unfilled new file is left empty.
class PendingClientFile {
 public:
  /// nullopt when there is a file with content already, or no place for one.
  static std::optional<PendingClientFile> open(const std::string& home, unsigned uid, unsigned gid);
  PendingClientFile(PendingClientFile&& other) noexcept;
  PendingClientFile& operator=(PendingClientFile&&) = delete;
  ~PendingClientFile();
  core::Status fill(const ClientFile& file);
  const std::string& path() const { return path_; }

 private:
  PendingClientFile(int descriptor, std::string path)
      : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

}  // namespace preloop::app
